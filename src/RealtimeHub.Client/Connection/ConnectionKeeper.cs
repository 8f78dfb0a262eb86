using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Connection;

/// <summary>Keeps one session alive: connects, and connects again for ever, unless the server says not to.</summary>
internal sealed class ConnectionKeeper(RealtimeHubClientOptions options, ISessionSink sink) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly ILogger log = options.LoggerFactory.CreateLogger<RealtimeHubClient>();
    private readonly Backoff backoff = new(options.ReconnectBaseDelay, options.ReconnectMaxDelay, options.Jitter);
    private TaskCompletionSource<HubSession> ready = NewReady();
    private Task loop = Task.CompletedTask;
    private bool running;
    private bool disposed;

    public ConnectionState State { get; private set; }

    public Action<ConnectionStateChangedEventArgs>? OnStateChanged { get; set; }

    /// <summary>A session is there; called before anybody who waits for it goes on.</summary>
    public Action<HubSession>? OnConnected { get; set; }

    /// <summary>The server asked not to come back.</summary>
    public Action<ClosingMessage>? OnClosed { get; set; }

    /// <summary>The session that is there now, or the next one; starts connecting if nothing has yet.</summary>
    /// <exception cref="ConnectionClosedException">The server asked not to come back.</exception>
    public Task<HubSession> SessionAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!running && State != ConnectionState.Closed)
            {
                Start();
            }

            return ready.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Begins again after the server asked not to come back; else as <see cref="SessionAsync"/>.</summary>
    public Task<HubSession> ReopenAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!running)
            {
                ready = ready.Task.IsFaulted ? NewReady() : ready;
                Start();
            }

            return ready.Task.WaitAsync(cancellationToken);
        }
    }

    public HubSession? Current
    {
        get
        {
            lock (gate)
            {
#pragma warning disable RS0030 // it has completed: nothing is waited for
                return ready.Task.IsCompletedSuccessfully ? ready.Task.GetAwaiter().GetResult() : null;
#pragma warning restore RS0030
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
        }

        await stopping.CancelAsync();
        await loop;
        Fail(new ObjectDisposedException(nameof(RealtimeHubClient)));
        stopping.Dispose();
    }

    private static TaskCompletionSource<HubSession> NewReady()
    {
        var source = new TaskCompletionSource<HubSession>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Observed here, so that a failure nobody waits for is not reported as unobserved.
        _ = source.Task.ContinueWith(task => task.Exception, TaskScheduler.Default);
        return source;
    }

    private void Start()
    {
        running = true;
        loop = RunAsync();
    }

    private async Task RunAsync()
    {
        // Leaves the caller, who holds the gate.
        await Task.Yield();
        Announce(new ConnectionStateChangedEventArgs { State = ConnectionState.Connecting });
        var connectedOnce = false;
        for (var attempt = 0; !stopping.IsCancellationRequested; attempt++)
        {
            var session = new HubSession(options, sink, stopping.Token);
            Exception? error;
            try
            {
                await session.StartAsync(stopping.Token);
                var since = options.TimeProvider.GetTimestamp();
                connectedOnce = true;
                Serve(session);
                error = await WhenClosedAsync(session);
                attempt = options.TimeProvider.GetElapsedTime(since) >= options.StableAfter ? 0 : attempt;
            }
            catch (Exception failure)
            {
                error = failure;
            }
            finally
            {
                Withdraw();
                await session.DisposeAsync();
            }

            if (session.Closing is { Reconnect: false } closing && !stopping.IsCancellationRequested)
            {
                Close(closing);
                return;
            }

            await PauseAsync(session.Closing, attempt, error, connectedOnce);
        }

        running = false;
        Announce(new ConnectionStateChangedEventArgs { State = ConnectionState.Disconnected });
    }

    private async Task PauseAsync(ClosingMessage? closing, int attempt, Exception? error, bool connectedOnce)
    {
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        // The server spreads its clients itself when it says when to come back.
        var delay = closing is null ? backoff.Delay(attempt) : TimeSpan.FromMilliseconds(Math.Max(0, closing.AfterMs)) + backoff.Delay(0);
        var pause = Task.Delay(delay, options.TimeProvider, stopping.Token);
        ConnectionLog.Lost(log, closing?.Reason ?? error?.Message ?? "the connection ended", delay.TotalMilliseconds);
        Announce(new ConnectionStateChangedEventArgs
        {
            State = connectedOnce ? ConnectionState.Reconnecting : ConnectionState.Connecting,
            Error = error,
            RetryIn = delay,
            Closing = closing,
        });
        await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<Exception?> WhenClosedAsync(HubSession session)
    {
        try
        {
            return await session.Closed.WaitAsync(stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private void Serve(HubSession session)
    {
        TaskCompletionSource<HubSession> waiting;
        lock (gate)
        {
            waiting = ready;
        }

        ConnectionLog.Connected(log, options.Hub);
        OnConnected?.Invoke(session);
        waiting.TrySetResult(session);
        Announce(new ConnectionStateChangedEventArgs { State = ConnectionState.Connected });
    }

    private void Withdraw()
    {
        lock (gate)
        {
            ready = ready.Task.IsCompleted ? NewReady() : ready;
        }
    }

    private void Close(ClosingMessage closing)
    {
        lock (gate)
        {
            running = false;
            State = ConnectionState.Closed;
        }

        Fail(new ConnectionClosedException(closing));
        OnClosed?.Invoke(closing);
        Announce(new ConnectionStateChangedEventArgs { State = ConnectionState.Closed, Closing = closing });
    }

    private void Fail(Exception reason)
    {
        lock (gate)
        {
            ready.TrySetException(reason);
        }
    }

    private void Announce(ConnectionStateChangedEventArgs change)
    {
        State = change.State;
        try
        {
            OnStateChanged?.Invoke(change);
        }
        catch (Exception error)
        {
            ConnectionLog.HandlerFailed(log, error); // somebody else's mistake must not end the connection
        }
    }
}
