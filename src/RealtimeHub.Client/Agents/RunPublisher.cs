using System.Diagnostics;
using System.Text.Json;
using RealtimeHub.Client.Agents;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>Says what a run does: in order, each event once, in requests as large as the moment makes them.</summary>
/// <remarks>
/// Every member returns when the event is queued, and waits only while the queue is full; <see cref="FlushAsync"/> and the
/// three that end the run wait until the log has it. When the run has ended elsewhere (it timed out, or was ended for
/// the agent) members throw <see cref="OperationCanceledException"/>.
/// </remarks>
public sealed class RunPublisher
{
    // The protocol takes one usage event in 5 seconds, by the server's clock: from when it has the one, to when the next one leaves.
    // The rest is for two clocks that do not count alike.
    private static readonly TimeSpan UsageInterval = TimeSpan.FromSeconds(5.1);

    private readonly PublishQueue queue;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly List<object> open = [];
    private Usage? usage;
    private bool usageIsNew;
    private bool sendsUsage;
    private Task usageQueued = Task.CompletedTask;

    internal RunPublisher(string runId, string agentId, PublishQueue queue, TimeProvider time)
    {
        RunId = runId;
        AgentId = agentId;
        this.queue = queue;
        this.time = time;
    }

    /// <summary>The run.</summary>
    public string RunId { get; }

    /// <summary>The agent that does it.</summary>
    public string AgentId { get; }

    /// <summary>Whether the run was ended by one of the members here.</summary>
    public bool HasEnded { get; private set; }

    internal Error? Rejection => queue.Rejection;

    internal Task StartedAsync(CancellationToken cancellationToken) =>
        EnqueueAsync(EventTypes.RunStarted, Data.Of(new RunStarted(RunId, AgentId)), cancellationToken);

    /// <summary>Begins a step; complete it with <see cref="StepCompletedAsync"/>.</summary>
    public async Task<RunStep> StepStartedAsync(string title, CancellationToken cancellationToken = default)
    {
        var step = new RunStep(RunId, NewId(), title);
        await EnqueueAsync(EventTypes.RunStepStarted, Data.Of(step), cancellationToken);
        return step;
    }

    /// <summary>Completes a step.</summary>
    public Task StepCompletedAsync(RunStep step, CancellationToken cancellationToken = default) =>
        EnqueueAsync(EventTypes.RunStepCompleted, Data.Of(step), cancellationToken);

    /// <summary>Begins a message of the assistant.</summary>
    public async Task<StreamedText> BeginMessageAsync(CancellationToken cancellationToken = default)
    {
        var id = NewId();
        var message = Opened(new StreamedText(
            this,
            id,
            (text, offset) => (EventTypes.MessageDelta, Data.Of(new MessageDelta(id, text, offset))),
            (text, incomplete) => (EventTypes.MessageCompleted, Data.Of(new MessageCompleted(id, text, incomplete)))));
        await EnqueueAsync(EventTypes.MessageStarted, Data.Of(new MessageStarted(id, MessageRole.Assistant)), cancellationToken);
        return message;
    }

    /// <summary>Begins a line of reasoning.</summary>
    public async Task<StreamedText> BeginReasoningAsync(string? title = null, CancellationToken cancellationToken = default)
    {
        var id = NewId();
        var reasoning = Opened(new StreamedText(
            this,
            id,
            (text, offset) => (EventTypes.ReasoningDelta, Data.Of(new ReasoningDelta(id, text, offset))),
            (text, incomplete) => (EventTypes.ReasoningCompleted, Data.Of(new ReasoningCompleted(id, text, title, incomplete)))));
        await EnqueueAsync(EventTypes.ReasoningStarted, Data.Of(new ReasoningStarted(id, title)), cancellationToken);
        return reasoning;
    }

    /// <summary>Begins a call of a tool.</summary>
    public async Task<ToolCall> BeginToolCallAsync(string name, JsonElement? arguments = null, CancellationToken cancellationToken = default)
    {
        var call = Opened(new ToolCall(this, NewId(), name, arguments));
        await EnqueueAsync(EventTypes.ToolCallStarted, Data.Of(new ToolCallStarted(call.Id, name, arguments)), cancellationToken);
        return call;
    }

    /// <summary>Says what the run used so far. The newest totals are sent as often as the protocol takes them: once in 5 seconds, and with the end.</summary>
    public Task UsageAsync(Usage totals, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(totals);
        lock (gate)
        {
            ThrowIfEnded();
            (usage, usageIsNew) = (totals, true);
            if (sendsUsage)
            {
                return Task.CompletedTask;
            }

            sendsUsage = true;
        }

        return SendUsageAsync(cancellationToken);
    }

    /// <summary>Publishes <c>custom.*</c> in the run.</summary>
    public Task CustomAsync(string type, JsonElement data, CancellationToken cancellationToken = default) =>
        EventTypes.IsCustom(type)
            ? EnqueueAsync(type, data, cancellationToken)
            : throw new ArgumentException($"'{type}' is not a custom type.", nameof(type));

    /// <summary>Ends the run well. What is still open is completed as cut off.</summary>
    public Task CompletedAsync(JsonElement? output = null, CancellationToken cancellationToken = default) =>
        EndAsync(EventTypes.RunCompleted, () => Data.Of(new RunCompleted(RunId, output, usage)), cancellationToken);

    /// <summary>Ends the run badly. What is still open is completed as cut off.</summary>
    public Task FailedAsync(string code, string message, CancellationToken cancellationToken = default) =>
        EndAsync(EventTypes.RunFailed, () => Data.Of(new RunFailed(RunId, new RunError(code, message), usage)), cancellationToken);

    /// <summary>Ends the run because somebody asked for it. What is still open is completed as cut off.</summary>
    public Task CancelledAsync(string? reason = null, CancellationToken cancellationToken = default) =>
        EndAsync(EventTypes.RunCancelled, () => Data.Of(new RunCancelled(RunId, reason, usage)), cancellationToken);

    /// <summary>Waits until the log has everything.</summary>
    public Task FlushAsync(CancellationToken cancellationToken = default) => queue.FlushAsync(cancellationToken);

    internal Task EnqueueAsync(string type, JsonElement data, CancellationToken cancellationToken)
    {
        ThrowIfEnded();
        return queue.EnqueueAsync(NewEvent(type, data), cancellationToken);
    }

    internal void Closed(object item)
    {
        lock (gate)
        {
            open.Remove(item);
        }
    }

    /// <summary>Queues the newest totals; those that come meanwhile follow when their time has come.</summary>
    private async Task SendUsageAsync(CancellationToken cancellationToken)
    {
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task queued;
        lock (gate)
        {
            sendsUsage = usageIsNew && !HasEnded;
            usageIsNew = false;
            if (!sendsUsage || usage is not { } totals)
            {
                return;
            }

            var data = new RunUsage(RunId, totals.InputTokens, totals.OutputTokens, totals.Cost, totals.DurationMs);
            usageQueued = queued = queue.EnqueueAsync(NewEvent(EventTypes.RunUsage, Data.Of(data)), cancellationToken, stored);
        }

        try
        {
            await queued;
        }
        catch
        {
            lock (gate)
            {
                sendsUsage = false;
            }

            throw;
        }

        _ = ContinueUsageAsync(stored.Task);
    }

    private async Task ContinueUsageAsync(Task stored)
    {
        try
        {
            await stored;
            await Task.Delay(UsageInterval, time, CancellationToken.None);
            await SendUsageAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is OperationCanceledException or RealtimeHubException)
        {
            // The run is over or was refused: whoever writes next is told.
        }
    }

    private T Opened<T>(T item)
        where T : class
    {
        lock (gate)
        {
            open.Add(item);
        }

        return item;
    }

    private async Task EndAsync(string type, Func<JsonElement> data, CancellationToken cancellationToken)
    {
        if (HasEnded)
        {
            return;
        }

        object[] left;
        lock (gate)
        {
            left = [.. open];
        }

        foreach (var item in left)
        {
            await (item switch
            {
                StreamedText text => text.CompleteAsync(incomplete: true, cancellationToken),
                ToolCall call => call.AbandonAsync(cancellationToken),
                _ => Task.CompletedTask,
            });
        }

        Task usageBefore;
        lock (gate)
        {
            HasEnded = true;
            usageBefore = usageQueued;
        }

        await usageBefore.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // after the end it would be refused
        await queue.EnqueueAsync(NewEvent(type, data()), cancellationToken);
        await queue.FlushAsync(cancellationToken);
    }

    private void ThrowIfEnded()
    {
        if (HasEnded)
        {
            throw new InvalidOperationException("The run has ended: nothing more can be said in it.");
        }
    }

    private PublishedEvent NewEvent(string type, JsonElement data) => new()
    {
        Id = NewId(),
        Type = type,
        RunId = RunId,
        Traceparent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null,
        Data = data,
    };

    private string NewId() => Ids.New(time.GetUtcNow());
}
