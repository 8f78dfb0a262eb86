using System.Diagnostics;
using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Publishing;

/// <summary>A published event as it will be stored.</summary>
internal sealed record PendingEvent(string Id, string Type, Lane Lane, string? RunId, Subject Actor, DateTimeOffset Time, object? Data, NewEvent Event)
{
    /// <summary>Gives the event what its publisher left out. Made once a call, so that a repeated attempt stores the same.</summary>
    public static PendingEvent Of(PublishedEvent e, Subject actor, Caller caller, DateTimeOffset now)
    {
        var id = e.Id ?? Ids.New(now);
        var data = EventData.Bind(e);
        var runId = e.RunId ?? EventData.RunIdIn(data);
        var lane = EventTypes.LaneOf(e.Type) ?? throw new UnreachableException("The validator lets no unknown type through.");
        var time = e.Time ?? now;
        var body = EventBody.Write(
            id, e.Type, time, actor, Encoding.UTF8.GetBytes(e.Data.GetRawText()), runId, e.Traceparent ?? TraceParent.Of(caller));
        return new PendingEvent(id, e.Type, lane, runId, actor, time, data, new NewEvent(id, lane, body));
    }

    public NewEvent ToNewEvent() => Event;

    public StoredEvent AsStored(TopicKey topic, long sequence) =>
        StoredEvent.TryRead(topic, Lane, sequence, Event.Body, meta: null)
        ?? throw new UnreachableException("What was written as an event reads as one.");
}
