using Microsoft.AspNetCore.Mvc;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Controllers;

/// <summary>Presence over HTTP.</summary>
[Route("api/v1/presence")]
internal sealed class PresenceController(HttpAdapter adapter) : ControllerBase
{
    [HttpPut]
    public Task<IResult> Set() => adapter.SendAsync<SetPresence, Empty>(HttpContext);

    [HttpGet]
    public Task<IResult> List() => adapter.SendAsync<ListPresence, PresencePage>(HttpContext);
}
