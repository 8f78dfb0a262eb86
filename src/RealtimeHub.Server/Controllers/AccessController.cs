using Microsoft.AspNetCore.Mvc;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Controllers;

/// <summary>Who may do what with an agent or a process, over HTTP.</summary>
[Route("api/v1/topics/{topic}/access/{kind}/{id}/{permission}")]
internal sealed class AccessController(HttpAdapter adapter) : ControllerBase
{
    [HttpPut]
    public Task<IResult> Grant(string topic, string kind, string id, string permission) =>
        adapter.SendAsync<GrantAccess, Empty>(HttpContext, Members(topic, kind, id, permission));

    [HttpDelete]
    public Task<IResult> Revoke(string topic, string kind, string id, string permission) =>
        adapter.SendAsync<RevokeAccess, Empty>(HttpContext, Members(topic, kind, id, permission));

    private static (string Path, string Value)[] Members(string topic, string kind, string id, string permission) =>
        [("topic", topic), ("subject.kind", kind), ("subject.id", id), ("permission", permission)];
}
