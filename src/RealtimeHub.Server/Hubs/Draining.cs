using System.Collections.Concurrent;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;

namespace RealtimeHub.Server.Hubs;

/// <summary>How a server that stops takes leave: streams get their reply, clients are told to come back, and only then do connections end.</summary>
internal sealed class Draining(IHostApplicationLifetime lifetime, IDeliveryConnections connections, TimeProvider time) : IHostedService
{
    // As long as SignalR waits for the connections that it closes.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    // Between the end of a method and its reply lie steps of SignalR that tell nobody when they are done.
    private static readonly TimeSpan ReplyTime = TimeSpan.FromMilliseconds(100);

    // Clients that all left at once must not all come back at once.
    private const int SpreadMs = 2_000;

    private readonly ConcurrentDictionary<Stay, IConnectionWriter?> open = [];

    /// <summary>A connection, until it is disposed of.</summary>
    public IDisposable Connected(IConnectionWriter writer) => new Stay(open, writer);

    /// <summary>A stream of a client, until it is disposed of. It ends by itself when the server stops.</summary>
    public IDisposable Streaming() => new Stay(open, writer: null);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // SignalR closes its connections in such a callback, too, and cannot be asked to wait; the later registration runs first.
        lifetime.ApplicationStopping.Register(() => Task.WaitAll([DrainAsync()], Longest));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task DrainAsync()
    {
        var streams = open.Where(o => o.Value is null).Select(o => o.Key.Gone).ToList();
        await Task.WhenAll(streams);
        if (streams.Count > 0)
        {
            await Task.Delay(ReplyTime, time, CancellationToken.None);
        }

        foreach (var writer in open.Values.OfType<IConnectionWriter>())
        {
            var closing = new ClosingMessage(
                ClosingCode.Draining, "The server is shutting down.", Reconnect: true, Random.Shared.Next(SpreadMs));
            _ = connections.SayClosingAsync(writer.ConnectionId, closing).AsTask();
            writer.End(allowReconnect: true);
        }

        await Task.WhenAll(open.Keys.Select(o => o.Gone));
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
