using Microsoft.AspNetCore.Mvc;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Controllers;

/// <summary>Agents over HTTP.</summary>
[Route("api/v1/agents")]
internal sealed class AgentsController(HttpAdapter adapter) : ControllerBase
{
    [HttpGet]
    public Task<IResult> List() => adapter.SendAsync<ListAgents, ListPage>(HttpContext);

    [HttpGet("{id}")]
    public Task<IResult> Get(string id) => adapter.StateAsync(HttpContext, Topic.Agent(id));

    [HttpPut("{agentId}")]
    public Task<IResult> Register(string agentId) =>
        adapter.SendAsync<RegisterAgent, RegisterAgentResult>(
            HttpContext, [("agentId", agentId)], made: v => v.Registered ? new($"/api/v1/agents/{v.AgentId}") : null);

    [HttpPatch("{agentId}")]
    public Task<IResult> Update(string agentId) => adapter.SendAsync<UpdateAgent, Empty>(HttpContext, [("agentId", agentId)]);
}
