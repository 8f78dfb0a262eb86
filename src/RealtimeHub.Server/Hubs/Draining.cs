using System.Collections.Concurrent;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;

namespace RealtimeHub.Server.Hubs;

/// <summary>How a server that stops takes leave.</summary>
/// <remarks>
/// From the first moment it is not ready, and neither new connections nor new commands of hubs are taken. Commands that run finish and
/// streams get their reply; then clients are told to come back, each after a delay of its own, and only then do connections end. Requests
/// over HTTP are the web server's, which waits for them.
/// </remarks>
internal sealed class Draining(IHostApplicationLifetime lifetime, IDeliveryConnections connections, TimeProvider time) : IHostedService
{
    /// <summary>How long the rest of the host has to stop: together with <see cref="Longest"/> less than the 30 s that supervisors wait.</summary>
    public static readonly TimeSpan HostTimeout = TimeSpan.FromSeconds(20);

    /// <summary>What a caller is told who comes too late.</summary>
    public static readonly Error Refusal = new(ErrorCode.Unavailable, "The server is shutting down; nothing was done.") { RetryAfterMs = 1000 };

    // As long as SignalR waits for the connections that it closes.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    // Between the end of a method and its reply lie steps of SignalR that tell nobody when they are done.
    private static readonly TimeSpan ReplyTime = TimeSpan.FromMilliseconds(100);

    // Clients that all left at once must not all come back at once.
    private const int SpreadMs = 2_000;

    private readonly ConcurrentDictionary<Stay, IConnectionWriter?> open = [];
    private volatile bool hasBegun;

    /// <summary>Whether the server is about to stop.</summary>
    public bool HasBegun => hasBegun;

    /// <summary>A connection, until its socket is done with: its hub is done earlier, with the goodbye still on its way.</summary>
    public void Connected(IConnectionWriter writer, CancellationToken closed)
    {
        var stay = new Stay(open, writer);
        closed.Register(stay.Dispose);
        if (hasBegun)
        {
            SayGoodbye(writer); // it was on its way in when the others were told
        }
    }

    /// <summary>A command or stream of a client, until it is disposed of; null: it comes too late. A stream ends by itself when the server stops.</summary>
    public IDisposable? TryBegin()
    {
        var stay = new Stay(open, writer: null);
        if (!hasBegun)
        {
            return stay;
        }

        stay.Dispose();
        return null;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // SignalR closes its connections in such a callback, too, and cannot be asked to wait; the later registration runs first. The
        // callback blocks whatever thread stops the host, so the work itself is done on others.
        lifetime.ApplicationStopping.Register(() =>
        {
            hasBegun = true;
            Task.WaitAll([Task.Run(DrainAsync, CancellationToken.None)], Longest);
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task DrainAsync()
    {
        var work = open.Where(o => o.Value is null).Select(o => o.Key.Gone).ToList();
        await Task.WhenAll(work);
        if (work.Count > 0)
        {
            await Task.Delay(ReplyTime, time, CancellationToken.None);
        }

        foreach (var writer in open.Values.OfType<IConnectionWriter>())
        {
            SayGoodbye(writer);
        }

        await Task.WhenAll(open.Keys.Select(o => o.Gone));
    }

    private void SayGoodbye(IConnectionWriter writer)
    {
        var closing = new ClosingMessage(ClosingCode.Draining, "The server is shutting down.", Reconnect: true, Random.Shared.Next(SpreadMs));
        _ = connections.SayClosingAsync(writer.ConnectionId, closing).AsTask();
        writer.End(allowReconnect: true);
    }

    private sealed class Stay : IDisposable
    {
        private readonly ConcurrentDictionary<Stay, IConnectionWriter?> open;
        private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Stay(ConcurrentDictionary<Stay, IConnectionWriter?> open, IConnectionWriter? writer)
        {
            this.open = open;
            open[this] = writer;
        }

        public Task Gone => gone.Task;

        public void Dispose()
        {
            open.TryRemove(this, out _);
            gone.TrySetResult();
        }
    }
}
