using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Connection;

/// <summary>The server ended the connection and asked not to come back.</summary>
internal sealed class ConnectionClosedException(ClosingMessage closing)
    : Exception($"The server closed the connection: {closing.Reason} ({closing.Code}).")
{
    public ClosingMessage Closing { get; } = closing;
}
