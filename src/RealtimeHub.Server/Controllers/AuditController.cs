using Microsoft.AspNetCore.Mvc;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Controllers;

/// <summary>What was done and tried.</summary>
[Route("api/v1/audit")]
internal sealed class AuditController(HttpAdapter adapter) : ControllerBase
{
    [HttpGet]
    public Task<IResult> Get() => adapter.SendAsync<GetAudit, AuditPage>(HttpContext);
}
