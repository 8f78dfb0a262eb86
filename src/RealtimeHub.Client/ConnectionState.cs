using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>Where a client's connection stands.</summary>
public enum ConnectionState
{
    /// <summary>Nothing has asked for a connection yet, or the client was disposed of.</summary>
    Disconnected,

    /// <summary>The first connection is being made, for as long as it takes.</summary>
    Connecting,

    /// <summary>Connected.</summary>
    Connected,

    /// <summary>The connection was lost; another is being made, for as long as it takes.</summary>
    Reconnecting,

    /// <summary>The server ended the connection and asked not to come back. <see cref="RealtimeHubClient.ConnectAsync"/> tries again.</summary>
    Closed,
}

/// <summary>A change of the connection.</summary>
public sealed class ConnectionStateChangedEventArgs : EventArgs
{
    /// <summary>Where it stands now.</summary>
    public required ConnectionState State { get; init; }

    /// <summary>Why the last connection or attempt ended, where that is known.</summary>
    public Exception? Error { get; init; }

    /// <summary>When the next attempt begins; null when none is waiting.</summary>
    public TimeSpan? RetryIn { get; init; }

    /// <summary>What the server said before it ended the connection.</summary>
    public ClosingMessage? Closing { get; init; }
}
