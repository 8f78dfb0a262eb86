namespace RealtimeHub.Contracts;

/// <summary>What every request answers, whatever its value; lets one piece of code fail any of them.</summary>
/// <typeparam name="TSelf">The reply type itself.</typeparam>
public interface IReply<out TSelf>
    where TSelf : IReply<TSelf>
{
    /// <summary>Whether the request was carried out.</summary>
    bool Ok { get; }

    /// <summary>Why not; null when <see cref="Ok"/>.</summary>
    Error? Error { get; }

    /// <summary>Sequence of the appended event; null when nothing was appended.</summary>
    long? Seq { get; }

    /// <summary>A reply that failed.</summary>
    static abstract TSelf Fail(Error error);
}

/// <summary>The answer to a request: <c>{ ok, value, seq }</c> or <c>{ ok: false, error }</c>.</summary>
public sealed record Reply<T> : IReply<Reply<T>>
{
    /// <inheritdoc/>
    public required bool Ok { get; init; }

    /// <summary>What the request made or found; null when it failed.</summary>
    public T? Value { get; init; }

    /// <inheritdoc/>
    public long? Seq { get; init; }

    /// <inheritdoc/>
    public Error? Error { get; init; }

    /// <summary>A reply that succeeded; <paramref name="seq"/> is the appended event's.</summary>
    public static Reply<T> Success(T value, long? seq = null) => new() { Ok = true, Value = value, Seq = seq };

    /// <inheritdoc/>
    public static Reply<T> Fail(Error error) => new() { Ok = false, Error = error };
}

/// <summary>The value of a request that makes nothing: <c>{}</c>.</summary>
public sealed record Empty
{
    /// <summary>The only value there is.</summary>
    public static Empty Value { get; } = new();
}
