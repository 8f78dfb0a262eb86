using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Appends what the service itself has to say: what follows from events, and from time.</summary>
internal sealed class SystemEvents(IEventLog log, ITopicFolds folds, TimeProvider time)
{
    private const int MaxAttempts = 50;

    /// <summary>Appends an event of the service to a topic, once, as long as <paramref name="isNeeded"/> holds for the topic's state.</summary>
    public async ValueTask AppendAsync<T>(
        TopicKey topic, string id, string type, T data, string? runId, Func<TopicFold, bool> isNeeded, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(data, ContractsJson.WireType<T>());
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var fold = await folds.GetAsync(topic, cancellationToken);
            if (!isNeeded(fold))
            {
                return;
            }

            var e = new NewEvent(id, Lane.State, EventBody.Write(id, type, time.GetUtcNow(), Subject.System, bytes, runId));
            var result = await log.AppendAsync(topic, [e], fold.LastState.Sequence, cancellationToken);
            if (result is { Status: AppendStatus.Stored, Duplicates: 0 })
            {
                return;
            }

            if (result.Duplicates > 0 && result.LastSequence <= fold.Sequence)
            {
                // Publishers choose their own ids, and one chose this.
                id = SystemIds.For("taken", topic, result.LastSequence, id);
            }
        }

        throw TooFast(topic, id);
    }

    /// <summary>Appends a copy of an event to another topic, once, as long as events are copied there in the log's order.</summary>
    public async ValueTask CopyAsync(StoredEvent e, TopicKey target, CancellationToken cancellationToken)
    {
        var (origin, id) = (new EventOrigin(e.Topic.Topic.ToString(), e.Sequence), SystemIds.ForCopy(e.Topic, e.Sequence, target.Topic));
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var fold = await folds.GetAsync(target, cancellationToken);
            if (fold.CopiedThrough >= e.Sequence)
            {
                return;
            }

            var copy = new NewEvent(
                id, Lane.State, EventBody.Write(id, e.Type, e.Time, e.Actor, e.Data.Span, e.RunId, e.Traceparent, origin));
            var result = await log.AppendAsync(target, [copy], fold.LastState.Sequence, cancellationToken);
            if (result is { Status: AppendStatus.Stored, Duplicates: 0 })
            {
                return;
            }

            if (result.Duplicates > 0 && result.LastSequence <= fold.Sequence)
            {
                // Not a copy, or the fold would know: publishers choose their own ids, and one chose this.
                id = SystemIds.ForCopy(e.Topic, e.Sequence, target.Topic, taken: result.LastSequence);
            }
        }

        throw TooFast(target, id);
    }

    private static LogUnavailableException TooFast(TopicKey topic, string id) => new($"{topic} is changing too fast to append {id}.");
}
