namespace RealtimeHub.Core;

/// <summary>The documented limits of a node. Configured under <c>Limits</c>.</summary>
public sealed class Limits
{
    /// <summary>Longest text of a command, in bytes of UTF-8.</summary>
    public int TextBytes { get; set; } = 32 * 1024;

    /// <summary>Longest text of one message, reasoning or arguments, put together from its deltas, in bytes of UTF-8.</summary>
    public int AccumulatedTextBytes { get; set; } = 256 * 1024;

    /// <summary>Largest event, in bytes.</summary>
    public int EventBytes { get; set; } = 512 * 1024;

    /// <summary>Largest message on the hubs of operators and observers, in bytes.</summary>
    public int HubMessageBytes { get; set; } = 128 * 1024;

    /// <summary>Largest message on the hub of agent runtimes, in bytes.</summary>
    public int AgentMessageBytes { get; set; } = 1280 * 1024;

    /// <summary>Most topics that one connection may watch.</summary>
    public int SubscriptionsPerConnection { get; set; } = 256;

    /// <summary>Most connections that one user may have on a node, over all hubs; 0 switches the limit off.</summary>
    public int ConnectionsPerUser { get; set; } = 20;

    /// <summary>Largest body of an HTTP request, in bytes.</summary>
    public int BodyBytes { get; set; } = 1024 * 1024;
}
