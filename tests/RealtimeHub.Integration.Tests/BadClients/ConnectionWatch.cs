using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>Stands between the transport and the engine, and tells what becomes of a connection whose client cannot or will not look.</summary>
internal sealed class ConnectionWatch : IDeliveryConnections
{
    private readonly Dictionary<string, WatchedConnection> watched = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private IDeliveryConnections engine = null!;
    private TaskCompletionSource<WatchedConnection>? next;

    public ConnectionWatch Over(IDeliveryConnections inner)
    {
        engine = inner;
        return this;
    }

    /// <summary>The next connection that opens.</summary>
    public Task<WatchedConnection> NextAsync()
    {
        lock (gate)
        {
            next = new TaskCompletionSource<WatchedConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
            return Deadline.Within(next.Task);
        }
    }

    public void Connected(IConnectionWriter writer)
    {
        lock (gate)
        {
            if (next is not null)
            {
                var connection = new WatchedConnection(writer);
                watched.Add(writer.ConnectionId, connection);
                next.SetResult(connection);
                (next, writer) = (null, connection);
            }
        }

        engine.Connected(writer);
    }

    public void Disconnected(string connectionId)
    {
        engine.Disconnected(connectionId);
        lock (gate)
        {
            if (watched.Remove(connectionId, out var connection))
            {
                connection.IsGone();
            }
        }
    }

    public ValueTask SayClosingAsync(string connectionId, ClosingMessage message) => engine.SayClosingAsync(connectionId, message);
}

/// <summary>A connection on the server's side.</summary>
internal sealed class WatchedConnection(IConnectionWriter writer) : IConnectionWriter
{
    private readonly TaskCompletionSource toldSlow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string ConnectionId => writer.ConnectionId;

    public IMessageEncoder Encoder => writer.Encoder;

    /// <summary>The engine ends it as a slow consumer.</summary>
    public Task ToldSlow => toldSlow.Task;

    /// <summary>The hub is done with it.</summary>
    public Task Gone => gone.Task;

    public ValueTask WriteAsync(Frame frame)
    {
        if (frame.Bytes.Length < 1024 && frame.Bytes.Span.IndexOf("slow_consumer"u8) >= 0)
        {
            toldSlow.TrySetResult();
        }

        return writer.WriteAsync(frame);
    }

    public void End(bool allowReconnect) => writer.End(allowReconnect);

    public void IsGone() => gone.TrySetResult();
}
