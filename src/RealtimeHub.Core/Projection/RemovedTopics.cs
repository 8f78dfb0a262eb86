using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Tells nodes that a topic was removed, which no tail shows: each forgets it and ends its subscriptions there.</summary>
/// <remarks>A node that does not follow the documents for a day may keep what it knew of a topic until it is asked to write there.</remarks>
internal sealed class RemovedTopics(
    IDocumentStore documents, ITopicFolds folds, IEnumerable<ITopicWatchers> watchers, NodeIdentity node, TimeProvider time, ILogger<RemovedTopics> logger)
    : BackgroundService
{
    private const string Prefix = "removed.";

    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Tells this node, and then the others.</summary>
    public async ValueTask TellAsync(TopicKey topic, CancellationToken cancellationToken)
    {
        await ForgetAsync(topic, cancellationToken);
        var notice = JsonSerializer.SerializeToUtf8Bytes(new RemovalNotice(node.Incarnation, time.GetUtcNow()), ProjectionJsonContext.Default.RemovalNotice);
        await documents.PutAsync($"{Prefix}{topic.Tenant}.{topic.Topic.Kind}.{topic.Topic.Id}", notice, expectedRevision: null, cancellationToken);
    }

    /// <summary>Removes old notices. On one node at a time.</summary>
    public async ValueTask RemoveOldAsync(CancellationToken cancellationToken)
    {
        var old = new List<Document>();
        await foreach (var document in documents.ListAsync(Prefix, cancellationToken))
        {
            if (NoticeOf(document.Value).At < time.GetUtcNow() - KeptFor)
            {
                old.Add(document);
            }
        }

        foreach (var document in old)
        {
            await documents.DeleteAsync(document.Key, document.Revision, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? seen = null;
        while (true)
        {
            try
            {
                await using var watch = await documents.WatchAsync(Prefix, stoppingToken);
                for (var isReady = false; ;)
                {
                    await watch.WaitAsync(stoppingToken);
                    while (watch.TryRead(out var change))
                    {
                        isReady |= change.IsReady;
                        if (change.Value is { } notice && (isReady || change.Revision > seen) && NoticeOf(notice).Node != node.Incarnation)
                        {
                            await ForgetAsync(TopicOf(change.Key), stoppingToken);
                        }

                        seen = Math.Max(seen ?? 0, change.Revision);
                    }
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                ProjectionLog.RemovalsNotFollowed(logger, e);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private static RemovalNotice NoticeOf(ReadOnlyMemory<byte> value) =>
        JsonSerializer.Deserialize(value.Span, ProjectionJsonContext.Default.RemovalNotice)!;

    private static TopicKey TopicOf(string key)
    {
        var parts = key.Split('.');
        return new TopicKey(parts[1], new Topic(Enum.Parse<TopicKind>(parts[2]), parts[3]));
    }

    private async ValueTask ForgetAsync(TopicKey topic, CancellationToken cancellationToken)
    {
        await folds.ForgetAsync(topic, cancellationToken);
        foreach (var watcher in watchers)
        {
            watcher.TopicRemoved(topic);
        }
    }
}

/// <summary>A topic was removed.</summary>
/// <param name="Node">By this one.</param>
/// <param name="At">Then.</param>
internal sealed record RemovalNotice(string Node, DateTimeOffset At);
