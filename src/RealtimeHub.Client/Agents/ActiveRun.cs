using System.Diagnostics.CodeAnalysis;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Agents;

/// <summary>A run that this process works on, or has queued.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without a timer holds nothing.")]
internal sealed class ActiveRun
{
    private readonly AgentRuntimeOptions options;
    private readonly OpenRun work;
    private readonly Func<PublishEvents, CancellationToken, Task<Reply<PublishResult>>> publish;
    private readonly CancellationTokenSource cancelled = new();

    // Ended elsewhere, or no time left to say anything: nothing is published any more.
    private readonly CancellationTokenSource aborted = new();

    public ActiveRun(
        AgentRuntimeOptions options,
        OpenRun work,
        Func<PublishEvents, CancellationToken, Task<Reply<PublishResult>>> publish,
        TimeProvider time)
    {
        this.options = options;
        this.work = work;
        this.publish = publish;
        var queue = new PublishQueue(work.Home, options.AgentId, publish, time, aborted.Token);
        var publisher = new RunPublisher(work.Request.RunId, options.AgentId, queue, time);
        Context = new RunContext(work.Request, work.Home, work.Started, publisher, cancelled);
    }

    public RunContext Context { get; }

    public Task Work { get; private set; } = Task.CompletedTask;

    public bool Stopping { get; set; }

    public void Begin(SemaphoreSlim slots, Func<RunContext, Task> handler, Action over) => Work = RunAsync(slots, handler, over);

    /// <summary>The run ended elsewhere.</summary>
    public void Abandon()
    {
        _ = aborted.CancelAsync();
        _ = cancelled.CancelAsync();
    }

    /// <summary>The agent stops: the run may still say its last.</summary>
    public void Stop()
    {
        Stopping = true;
        _ = cancelled.CancelAsync();
    }

    private async Task RunAsync(SemaphoreSlim slots, Func<RunContext, Task> handler, Action over)
    {
        // Leaves the reader of the work list.
        await Task.Yield();
        var inSlot = false;
        try
        {
            await slots.WaitAsync(cancelled.Token);
            inSlot = true;
            AgentLog.RunBegins(options.Logger, work.Request.RunId, work.Home);
            await EndAsync(await OutcomeAsync(handler));
        }
        catch (OperationCanceledException)
        {
            // Cancelled while it waited: whoever did that has ended it, or (stopping) the next process takes it.
        }
        catch (Exception error)
        {
            AgentLog.EndNotPublished(options.Logger, work.Request.RunId, error.Message);
        }
        finally
        {
            if (inSlot)
            {
                slots.Release();
            }

            AgentLog.RunOver(options.Logger, work.Request.RunId);
            over();
        }
    }

    /// <summary>Runs the handler; the answer says how the run ends if the handler did not say so itself.</summary>
    private async Task<Func<CancellationToken, Task>> OutcomeAsync(Func<RunContext, Task> handler)
    {
        var publisher = Context.Publisher;
        if (work.Started && options.OnRestart == RestartPolicy.Fail)
        {
            return token => publisher.FailedAsync("agent_restarted", "The agent was restarted while it worked.", token);
        }

        try
        {
            if (!work.Started)
            {
                await publisher.StartedAsync(cancelled.Token);
            }

            await handler(Context);
            return token => publisher.CompletedAsync(output: null, token);
        }
        catch (OperationCanceledException) when (Context.IsCancelRequested)
        {
            return token => publisher.CancelledAsync(Context.CancelReason, token);
        }
        catch (OperationCanceledException) when (Stopping)
        {
            return token => publisher.FailedAsync("agent_stopped", "The agent was stopped while it worked.", token);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested || publisher.Rejection is { Code: ErrorCode.Conflict })
        {
            return _ => Task.CompletedTask;
        }
        catch (Exception error)
        {
            AgentLog.HandlerFailed(options.Logger, error, work.Request.RunId);
            var told = options.DescribeError(error);
            return token => publisher.FailedAsync(told.Code, told.Message, token);
        }
    }

    private async Task EndAsync(Func<CancellationToken, Task> end)
    {
        try
        {
            await end(aborted.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or RealtimeHubException)
        {
            // It ended elsewhere meanwhile, or the server refused something: see below.
        }

        if (Context.Publisher.Rejection is { } rejection && !aborted.IsCancellationRequested)
        {
            await FailAfterRejectionAsync(rejection);
        }
    }

    /// <summary>Past the queue, which has given up: a run must not hang until its timeout. Harmless when it has ended.</summary>
    private async Task FailAfterRejectionAsync(Error rejection)
    {
        var runId = work.Request.RunId;
        var failed = new RunFailed(runId, new RunError("publish_rejected", rejection.Message));
        var reply = await publish(
            new PublishEvents
            {
                Topic = work.Home,
                AgentId = options.AgentId,
                Events = [new PublishedEvent { Type = EventTypes.RunFailed, RunId = runId, Data = Data.Of(failed) }],
            },
            aborted.Token);
        if (!reply.Ok && rejection.Code != ErrorCode.Conflict)
        {
            AgentLog.EndNotPublished(options.Logger, runId, rejection.Message);
        }
    }
}
