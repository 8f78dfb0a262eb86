using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Controllers;

/// <summary>Runs over HTTP.</summary>
[Route("api/v1")]
internal sealed class RunsController(HttpAdapter adapter) : ControllerBase
{
    [HttpPost("runs")]
    public Task<IResult> Start() => adapter.SendAsync<StartRun, StartRunResult>(HttpContext, made: run => new($"/api/v1/runs/{run.RunId}"));

    [HttpGet("runs")]
    public Task<IResult> List() => adapter.SendAsync<ListRuns, ListPage>(HttpContext);

    [HttpGet("runs/{runId}")]
    public Task<IResult> Get(string runId) => adapter.SendAsync<GetRun, JsonElement>(HttpContext, [("runId", runId)]);

    [HttpPost("topics/{topic}/runs/{runId}/steer")]
    public Task<IResult> Steer(string topic, string runId) =>
        adapter.SendAsync<SteerRun, Empty>(HttpContext, [("topic", topic), ("runId", runId)]);

    [HttpPost("topics/{topic}/runs/{runId}/cancel")]
    public Task<IResult> Cancel(string topic, string runId) =>
        adapter.SendAsync<CancelRun, Empty>(HttpContext, [("topic", topic), ("runId", runId)]);
}
