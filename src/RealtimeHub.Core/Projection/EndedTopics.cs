using System.Runtime.CompilerServices;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Finds what has ended long ago: conversations that were archived, and in which nothing happened since.</summary>
/// <remarks>
/// By their list entries, which say so in every tenant and are the last thing that is removed: what a crash left half done is found again.
/// </remarks>
internal sealed class EndedTopics(IEventLog log, ITopicFolds folds, IDocumentStore documents, RunDeadlines runs)
{
    /// <summary>What ended before a time. Nothing that the projector has not passed, and nothing with an unfinished run.</summary>
    public async IAsyncEnumerable<EndedTopic> FindAsync(DateTimeOffset before, long passed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Times of events are their publishers'; what is removed for ever goes by the log's own clock.
        var end = await log.FindSequenceAsync(before, cancellationToken);
        var busy = runs.TopicsWithRunsBefore(long.MaxValue).ToHashSet();
        await foreach (var document in documents.ListAsync(ListKeys.All, cancellationToken))
        {
            var entry = JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.ListEntry)!;
            if (entry.UpdatedAt > before || !IsArchived(entry))
            {
                continue;
            }

            var topic = new TopicKey(ListKeys.TenantOf(document.Key), Topic.Parse(entry.Topic));
            var fold = await folds.GetAsync(topic, cancellationToken);
            var isOver = fold.Sequence < end && fold.Sequence <= passed;
            if (isOver && !busy.Contains(topic) && (fold.State as IHasRuns)?.Runs.Open.Any() != true)
            {
                yield return new EndedTopic(topic, fold.Sequence, document);
            }
        }
    }

    private static bool IsArchived(ListEntry entry) =>
        entry.Topic.StartsWith("conversation:", StringComparison.Ordinal)
        && entry.Item.TryGetProperty("archived"u8, out var archived) && archived.ValueKind == JsonValueKind.True;
}

/// <summary>A topic that has ended.</summary>
/// <param name="Topic">Which.</param>
/// <param name="Through">Sequence of its last event; 0 when the log has nothing of it any more.</param>
/// <param name="Entry">Its list entry.</param>
internal sealed record EndedTopic(TopicKey Topic, long Through, Document Entry);
