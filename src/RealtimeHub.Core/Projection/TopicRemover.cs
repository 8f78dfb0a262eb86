using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Removes a topic and everything that was made of it; copies in other topics are theirs, and stay.</summary>
/// <remarks>
/// Doing it again changes nothing, and does what a crash left undone. What came into the topic since it was found to have ended stays: it
/// is above the sequence, and its list entry has another revision.
/// </remarks>
internal sealed class TopicRemover(IEventLog log, IDocumentStore documents, RemovedTopics removals)
{
    /// <returns>How many events were removed.</returns>
    public async ValueTask<long> RemoveAsync(EndedTopic ended, CancellationToken cancellationToken)
    {
        await RemoveRunsAsync(ended, cancellationToken);
        var removed = await log.RemoveTopicAsync(ended.Topic, ended.Through, cancellationToken);
        await removals.TellAsync(ended.Topic, cancellationToken);

        // Last: it is what the topic is found by.
        await documents.DeleteAsync(ended.Entry.Key, ended.Entry.Revision, cancellationToken);
        return removed;
    }

    // Before the events go: they say which entries in the list of runs are the topic's.
    private async ValueTask RemoveRunsAsync(EndedTopic ended, CancellationToken cancellationToken)
    {
        var (topic, after) = (ended.Topic, 0L);
        while (true)
        {
            var page = await log.ReadAsync(topic, new LogRange(1000, after, ended.Through + 1, LaneFilter.State), cancellationToken);
            foreach (var e in page.Where(e => e.Type == EventTypes.RunRequested && e.Origin is null && Ids.IsValid(e.RunId)))
            {
                await documents.DeleteAsync(ListKeys.RunKey(topic.Tenant, e.RunId!), expectedRevision: null, cancellationToken);
            }

            if (!page.HasMore)
            {
                return;
            }

            after = page[^1].Sequence;
        }
    }
}
