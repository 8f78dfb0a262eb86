using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Publishing;

namespace RealtimeHub.Core.Log;

/// <summary>Events that services of the platform put into the log themselves, past this service's checks.</summary>
/// <remarks>
/// They are trusted: everything may be said by anybody. But what is no event of its type reaches nobody, and what does is written as if it
/// were this service's own: without members that it does not know, and with a time. Every node reads the same, whoever asks.
/// </remarks>
internal sealed class ForeignEvents(Limits limits)
{
    private readonly PublishedEventValidator validator = new(limits);

    /// <summary>The event in <paramref name="body"/>; null when it is none.</summary>
    /// <param name="topic">Where it is.</param>
    /// <param name="lane">In which lane it is.</param>
    /// <param name="sequence">The log's.</param>
    /// <param name="body">As it was put there.</param>
    /// <param name="storedAt">When the log took it; its time when it says none.</param>
    /// <param name="problem">Why it is none, in words of this service's own.</param>
    public StoredEvent? TryRead(TopicKey topic, Lane lane, long sequence, ReadOnlyMemory<byte> body, DateTimeOffset storedAt, out string problem)
    {
        problem = "";
        if (body.Length > limits.EventBytes)
        {
            problem = "it is too large";
            return null;
        }

        if (EventEnvelope.TryParse(body.Span, storedAt) is not { } envelope || !Ids.IsValid(envelope.Id) || !Ids.IsValid(envelope.Actor.Id))
        {
            problem = "it is no event";
            return null;
        }

        if (EventTypes.LaneOf(envelope.Type) != lane)
        {
            problem = EventTypes.LaneOf(envelope.Type) is null ? "its type is unknown" : "it is in the wrong lane";
            return null;
        }

        var data = body.Slice(envelope.DataStart, envelope.DataLength);
        if (RunOf(envelope, data) is not (true, var runId))
        {
            problem = "its data is not what its type says";
            return null;
        }

        var own = EventBody.Write(envelope.Id, envelope.Type, envelope.Time, envelope.Actor, data.Span, runId, envelope.Traceparent);
        return StoredEvent.TryRead(topic, lane, sequence, own, meta: null);
    }

    // The run may be named in the data alone.
    private (bool IsValid, string? RunId) RunOf(EventEnvelope envelope, ReadOnlyMemory<byte> data)
    {
        using var document = JsonDocument.Parse(data);
        var e = new PublishedEvent
        {
            Id = envelope.Id, Type = envelope.Type, RunId = envelope.RunId, Traceparent = envelope.Traceparent, Data = document.RootElement,
        };
        return validator.Validate(e).IsValid ? (true, e.RunId ?? EventData.RunIdIn(EventData.Bind(e))) : (false, null);
    }
}
