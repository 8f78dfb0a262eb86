using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Appends what the service itself has to say: what follows from events, and from time.</summary>
internal sealed class SystemEvents(IEventLog log, ITopicFolds folds, TimeProvider time)
{
    private const int MaxAttempts = 50;

    /// <summary>An id that the same cause always makes, so that what was done is recognized.</summary>
    public static string IdFor(string purpose, TopicKey topic, long sequence, string detail = "") =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{purpose}\n{topic}\n{sequence}\n{detail}")).AsSpan(0, 16));

    /// <summary>Appends an event of the service to a topic, once, as long as <paramref name="isNeeded"/> holds for the topic's state.</summary>
    /// <returns>Whether the event is in the log by this call or an earlier one.</returns>
    public ValueTask<bool> AppendAsync<T>(
        TopicKey topic, string id, string type, T data, string? runId, Func<TopicFold, bool> isNeeded, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(data, ContractsJson.WireType<T>());
        var body = EventBody.Write(id, type, time.GetUtcNow(), Subject.System, bytes, runId);
        return AppendAsync(topic, new NewEvent(id, Lane.State, body), isNeeded, cancellationToken);
    }

    /// <summary>Appends a copy of an event to another topic, once.</summary>
    public async ValueTask CopyAsync(StoredEvent e, TopicKey target, CancellationToken cancellationToken)
    {
        var id = IdFor("copy", e.Topic, e.Sequence, target.Topic.ToString());
        var origin = new EventOrigin(e.Topic.Topic.ToString(), e.Sequence);
        var body = EventBody.Write(id, e.Type, e.Time, e.Actor, e.Data.Span, e.RunId, e.Traceparent, origin);
        await AppendAsync(target, new NewEvent(id, Lane.State, body), _ => true, cancellationToken);
    }

    private async ValueTask<bool> AppendAsync(TopicKey topic, NewEvent e, Func<TopicFold, bool> isNeeded, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var fold = await folds.GetAsync(topic, cancellationToken);
            if (fold.Recent.FindEvent(e.Id, time.GetUtcNow()) is not null)
            {
                return true;
            }

            if (!isNeeded(fold))
            {
                return false;
            }

            var result = await log.AppendAsync(topic, [e], fold.LastState.Sequence, cancellationToken);
            if (result.Status == AppendStatus.Stored)
            {
                return true;
            }
        }

        throw new LogUnavailableException($"{topic} is changing too fast to append {e.Id}.");
    }
}
