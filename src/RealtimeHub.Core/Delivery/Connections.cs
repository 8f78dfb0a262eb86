using System.Collections.Concurrent;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Delivery;

/// <summary>The connections of a node, by id.</summary>
internal sealed class Connections(DeliveryOptions options, TimeProvider time) : IDeliveryConnections
{
    private readonly ConcurrentDictionary<string, DeliveryConnection> connections = new(StringComparer.Ordinal);

    /// <summary>How many are open.</summary>
    public int Count => connections.Count;

    public void Connected(IConnectionWriter writer) => connections[writer.ConnectionId] = new DeliveryConnection(writer, time);

    public void Disconnected(string connectionId)
    {
        if (connections.TryRemove(connectionId, out var connection))
        {
            foreach (var feed in connection.Leave())
            {
                feed.Post(new FeedMessage.Leaving(connection, new TaskCompletionSource()));
            }
        }
    }

    public ValueTask SayClosingAsync(string connectionId, ClosingMessage message) =>
        connections.TryGetValue(connectionId, out var connection) ? connection.SayClosingAsync(message) : ValueTask.CompletedTask;

    /// <summary>The connection of that id; null when it is gone.</summary>
    public DeliveryConnection? Find(string? connectionId) => connectionId is null ? null : connections.GetValueOrDefault(connectionId);

    /// <summary>Counts the open connections by state and hub, and their subscriptions.</summary>
    public ConnectionLoad CountLoad()
    {
        var (idle, writing, busy, subscriptions) = (0, 0, 0, 0);
        var hubs = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (_, connection) in connections)
        {
            connection.Count(ref idle, ref writing, ref busy, ref subscriptions);
            hubs[connection.Hub] = hubs.GetValueOrDefault(connection.Hub) + 1;
        }

        return new ConnectionLoad(idle, writing, busy, subscriptions, hubs);
    }

    /// <summary>Ends connections that take nothing.</summary>
    public void EndStalled()
    {
        foreach (var connection in connections.Values)
        {
            if (connection.IsStalled(options))
            {
                connection.EndSlow();
            }
        }
    }
}
