using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using RealtimeHub.Client.Agents;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>An agent's worker: takes the runs that are asked of it, several at a time, and ends each exactly once.</summary>
/// <remarks>
/// The handler's return ends a run as completed, its exception as failed, and its cancellation as cancelled, unless it
/// said so itself. Runs that the platform ended (a timeout) are let go of quietly.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing.")]
public sealed class AgentRuntime
{
    // A run that has just ended may still be in a snapshot whose copies lag behind; it must not begin again.
    private const int RememberedRuns = 1024;

    private readonly RealtimeHubClient client;
    private readonly AgentRuntimeOptions options;
    private readonly string topic;
    private readonly Lock gate = new();
    private readonly Dictionary<string, ActiveRun> active = [];
    private readonly Queue<string> recentlyOver = new();
    private readonly StatusAnnouncer status;
    private readonly SemaphoreSlim slots;

    /// <summary>A worker on a client of the agent hub.</summary>
    public AgentRuntime(RealtimeHubClient client, AgentRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        this.client = client;
        this.options = options;
        topic = Topic.Agent(options.AgentId).ToString();
        status = new StatusAnnouncer(options.AgentId, client.PublishEventsAsync);
        slots = new SemaphoreSlim(options.MaxConcurrentRuns, options.MaxConcurrentRuns);
    }

    /// <summary>Works until <paramref name="cancellationToken"/> fires; runs under way then fail with <c>agent_stopped</c>.</summary>
    /// <param name="handler">Does one run; observes <see cref="RunContext.Cancelled"/>.</param>
    /// <param name="cancellationToken">Stops the agent; the method then returns.</param>
    /// <exception cref="RealtimeHubException">The agent's topic is not there, or not for this token.</exception>
    public async Task RunAsync(Func<RunContext, Task> handler, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(handler);
        using var announcing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var announcer = status.RunAsync(announcing.Token);
        try
        {
            var ready = false;
            await foreach (var item in client.Subscribe(topic, options.Start, cancellationToken))
            {
                Take(item, handler);
                if (!ready)
                {
                    ready = true;
                    AnnounceLoad();
                    options.OnReady?.Invoke();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            await announcing.CancelAsync();
            await announcer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await StopAsync();
        }
    }

    private void Take(SubscriptionItem item, Func<RunContext, Task> handler)
    {
        switch (item)
        {
            case SnapshotReceived snapshot:
                OnSnapshot(snapshot, handler);
                options.OnPosition?.Invoke(snapshot.Cursor);
                break;
            case EventsReceived events:
                OnEvents(events.Events, handler);
                options.OnPosition?.Invoke(events.Cursor);
                break;
            case SubscriptionEnded { Why: var why, Reason: var reason }:
                throw new RealtimeHubException(new Error(
                    why == SubscriptionEnd.NotFound ? ErrorCode.NotFound : ErrorCode.Forbidden, reason ?? $"The work of {topic} cannot be read: {why}."));
        }
    }

    private void OnSnapshot(SnapshotReceived snapshot, Func<RunContext, Task> handler)
    {
        var open = snapshot.State.TryGetProperty("runs", out var runs) && runs.ValueKind == JsonValueKind.Array
            ? runs.EnumerateArray().Select(run => OpenRun.FromSnapshot(run, options.AgentId)).OfType<OpenRun>().ToList()
            : [];
        if (snapshot.Restart)
        {
            var there = open.Select(run => run.Request.RunId).ToHashSet();
            Active().FindAll(run => !there.Contains(run.Context.RunId)).ForEach(run => run.Abandon());
        }

        open.ForEach(run => Begin(run, handler));
    }

    /// <summary>Looks at all events before it begins anything, so that what has ended meanwhile is not begun at all.</summary>
    private void OnEvents(IReadOnlyList<Event> events, Func<RunContext, Task> handler)
    {
        var begun = new Dictionary<string, OpenRun>();
        foreach (var e in events)
        {
            try
            {
                OnEvent(e, begun);
            }
            catch (JsonException)
            {
                AgentLog.Unreadable(options.Logger, topic, e.Type);
            }
        }

        foreach (var run in begun.Values)
        {
            Begin(run, handler);
        }
    }

    private void OnEvent(Event e, Dictionary<string, OpenRun> begun)
    {
        switch (e.Type)
        {
            case EventTypes.RunRequested when OpenRun.FromEvent(e, topic) is { } asked && asked.Request.AgentId == options.AgentId:
                begun.TryAdd(asked.Request.RunId, asked);
                break;
            case EventTypes.RunStarted when Data.As<RunStarted>(e.Data) is { } started && begun.TryGetValue(started.RunId, out var work):
                begun[started.RunId] = work with { Started = true };
                break;
            case EventTypes.RunCancelRequested when Data.As<RunCancelRequested>(e.Data) is { } cancel:
                Find(cancel.RunId)?.Context.RequestCancel(cancel.Reason);
                break;
            case EventTypes.RunSteered when Data.As<RunSteered>(e.Data) is { } steered:
                Find(steered.RunId)?.Context.Steer(steered.Instruction);
                break;
            case EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCancelled when RunIdOf(e) is { } over:
                begun.Remove(over);
                if (Find(over) is { Context.Publisher.HasEnded: false } run)
                {
                    run.Abandon();
                }

                break;
            case EventTypes.AgentStatusChanged when Data.As<AgentStatusChanged>(e.Data) is { } heard && options.AnnounceStatus:
                status.Contradicted(heard.Status);
                break;
        }
    }

    private static string? RunIdOf(Event e) =>
        e.RunId ?? (e.Data.TryGetProperty("runId", out var id) ? id.GetString() : null);

    private void Begin(OpenRun work, Func<RunContext, Task> handler)
    {
        var runId = work.Request.RunId;
        ActiveRun run;
        lock (gate)
        {
            if (active.ContainsKey(runId) || recentlyOver.Contains(runId))
            {
                return;
            }

            run = new ActiveRun(options, work, client.PublishEventsAsync, client.Options.TimeProvider);
            active.Add(runId, run);
        }

        run.Begin(slots, handler, () => Over(runId));
        AnnounceLoad();
    }

    private void Over(string runId)
    {
        lock (gate)
        {
            active.Remove(runId);
            recentlyOver.Enqueue(runId);
            if (recentlyOver.Count > RememberedRuns)
            {
                recentlyOver.Dequeue();
            }
        }

        AnnounceLoad();
    }

    private void AnnounceLoad()
    {
        if (options.AnnounceStatus)
        {
            status.Wish(Active().Count >= options.MaxConcurrentRuns ? AgentStatus.Busy : AgentStatus.Online);
        }
    }

    private ActiveRun? Find(string runId)
    {
        lock (gate)
        {
            return active.GetValueOrDefault(runId);
        }
    }

    private List<ActiveRun> Active()
    {
        lock (gate)
        {
            return [.. active.Values];
        }
    }

    private async Task StopAsync()
    {
        var left = Active();
        left.ForEach(run => run.Stop());
        using var timeout = new CancellationTokenSource(options.StopTimeout, client.Options.TimeProvider);
        var over = Task.WhenAll(left.Select(run => run.Work));
        await over.WaitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        left.ForEach(run => run.Abandon());
        await over.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (options.AnnounceStatus && !timeout.IsCancellationRequested)
        {
            try
            {
                await status.SayAsync(AgentStatus.Offline, timeout.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                // The platform notices by itself after a while.
            }
        }
    }
}
