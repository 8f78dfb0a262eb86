using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Ends runs whose time is over: the run's own deadline, or the time an agent has after a cancellation.</summary>
/// <remarks>Open runs are documents, so that a deadline that passed while the service was down is enforced when it is back.</remarks>
internal sealed class RunDeadlines(SystemEvents system, IDocumentStore documents, TimeProvider time, ILogger<RunDeadlines> logger)
    : ILeasedWork, IProjection
{
    /// <summary>What an agent has to end a run after it was asked to.</summary>
    private static readonly TimeSpan CancelTime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, OpenRun> open = new(StringComparer.Ordinal);

    public ValueTask StartOverAsync(CancellationToken cancellationToken)
    {
        open.Clear();
        return documents.DeleteAllAsync(OpenRun.Prefix, cancellationToken);
    }

    public async ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken)
    {
        switch (e.Type)
        {
            case EventTypes.RunRequested when e.Read<RunRequested>() is var run && Ids.IsValid(run.AgentId): // else it is no run to its topic
                await KeepAsync(
                    new OpenRun(e.Topic.Tenant, e.Topic.Topic.ToString(), run.RunId, run.AgentId, run.Deadline, Sequence: e.Sequence),
                    cancellationToken);
                break;
            case EventTypes.RunCancelRequested when Find(e) is { CancelDeadline: null } asked: // asked again, it has no more time
                await KeepAsync(asked with { CancelDeadline = e.Time + CancelTime }, cancellationToken);
                break;
            case EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCancelled when Find(e) is { } ended:
                await DropAsync(ended, cancellationToken);
                break;
        }
    }

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        open.Clear();
        await foreach (var document in documents.ListAsync(OpenRun.Prefix, cancellationToken))
        {
            var run = JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.OpenRun)!;
            open[run.Key] = run;
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var run in open.Values.Where(r => !r.IsSettled && r.Due <= time.GetUtcNow()))
            {
                try
                {
                    await EndAsync(run, cancellationToken);
                    open.TryUpdate(run.Key, run with { IsSettled = true }, run);
                }
                catch (LogUnavailableException e)
                {
                    ProjectionLog.DeadlineFailed(logger, run.RunId, run.Topic, e);
                }
            }
        }
    }

    private ValueTask EndAsync(OpenRun run, CancellationToken cancellationToken)
    {
        var topic = new TopicKey(run.Tenant, Topic.Parse(run.Topic));
        var id = SystemIds.For("deadline", topic, 0, run.RunId);
        return run.IsCancelledFirst
            ? system.AppendAsync(
                topic, id, EventTypes.RunCancelled, new RunCancelled(run.RunId, "The agent did not end it in time."),
                run.RunId, IsOpen, cancellationToken)
            : system.AppendAsync(
                topic, id, EventTypes.RunFailed, new RunFailed(run.RunId, new RunError("timeout", "The run took longer than it may.")),
                run.RunId, IsOpen, cancellationToken);

        bool IsOpen(Folds.TopicFold fold) => (fold.State as IHasRuns)?.Runs.Find(run.RunId) is { HasEnded: false };
    }

    /// <summary>The run that an event belongs to, as the projector knows it; null when it has ended.</summary>
    public OpenRun? Find(StoredEvent e) => e.RunId is { } runId ? open.GetValueOrDefault($"{OpenRun.Prefix}{e.Topic.Tenant}.{runId}") : null;

    /// <summary>Topics of the runs that were requested below a sequence and whose end the projector has not passed.</summary>
    public IEnumerable<TopicKey> TopicsWithRunsBefore(long sequence) => open.Values
        .Where(run => run.Sequence < sequence).Select(run => new TopicKey(run.Tenant, Topic.Parse(run.Topic))).Distinct();

    private async ValueTask KeepAsync(OpenRun run, CancellationToken cancellationToken)
    {
        var value = JsonSerializer.SerializeToUtf8Bytes(run, ProjectionJsonContext.Default.OpenRun);
        await documents.PutAsync(run.Key, value, expectedRevision: null, cancellationToken);
        open[run.Key] = run;
    }

    private async ValueTask DropAsync(OpenRun run, CancellationToken cancellationToken)
    {
        await documents.DeleteAsync(run.Key, expectedRevision: null, cancellationToken);
        open.TryRemove(run.Key, out _);
    }
}
