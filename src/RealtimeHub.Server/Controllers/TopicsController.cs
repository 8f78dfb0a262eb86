using Microsoft.AspNetCore.Mvc;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Controllers;

/// <summary>What every topic has: history, a snapshot, and ingest.</summary>
[Route("api/v1/topics/{topic}")]
internal sealed class TopicsController(HttpAdapter adapter) : ControllerBase
{
    [HttpGet("events")]
    public Task<IResult> History(string topic) => adapter.SendAsync<GetHistory, History>(HttpContext, [("topic", topic)]);

    [HttpGet("snapshot")]
    public Task<IResult> Snapshot(string topic) => adapter.SendAsync<GetSnapshot, TopicSnapshot>(HttpContext, [("topic", topic)]);

    [HttpPost("events")]
    public Task<IResult> Publish(string topic) => adapter.SendAsync<PublishEvents, PublishResult>(
        HttpContext, [("topic", topic)], read: CloudEventBody.ReaderOf(Request, topic));
}
