using Microsoft.AspNetCore.Mvc;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Controllers;

/// <summary>How the node is.</summary>
[Route("api/v1/status")]
internal sealed class StatusController(HttpAdapter adapter) : ControllerBase
{
    [HttpGet]
    public Task<IResult> Get() => adapter.SendAsync<GetStatus, NodeStatus>(HttpContext);
}
