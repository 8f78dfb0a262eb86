using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>The server refused something that has no reply to put the error into: a subscription, or a publisher's events.</summary>
public sealed class RealtimeHubException : Exception
{
    /// <summary>An exception for a refusal.</summary>
    public RealtimeHubException(Error error)
        : base($"{error.Code}: {error.Message}") => Error = error;

    /// <summary>An exception without a refusal.</summary>
    public RealtimeHubException()
        : this(new Error(ErrorCode.Internal, "The request failed."))
    {
    }

    /// <summary>An exception with a message of its own.</summary>
    public RealtimeHubException(string message)
        : this(new Error(ErrorCode.Internal, message))
    {
    }

    /// <summary>An exception that another one caused.</summary>
    public RealtimeHubException(string message, Exception innerException)
        : base(message, innerException) => Error = new Error(ErrorCode.Internal, message);

    /// <summary>What the server answered.</summary>
    public Error Error { get; }
}
