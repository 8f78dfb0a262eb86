using Microsoft.AspNetCore.Mvc;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Controllers;

/// <summary>Sessions over HTTP.</summary>
[Route("api/v1/sessions")]
internal sealed class SessionsController(HttpAdapter adapter) : ControllerBase
{
    [HttpPost("revoke")]
    public Task<IResult> Revoke() => adapter.SendAsync<RevokeSessions, Empty>(HttpContext);
}
