namespace RealtimeHub.Contracts;

/// <summary>The closed list of error codes; the same on every surface.</summary>
public enum ErrorCode
{
    /// <summary>A member is missing, malformed, unknown or out of range. HTTP 400.</summary>
    InvalidRequest,

    /// <summary>No valid token. HTTP 401.</summary>
    Unauthenticated,

    /// <summary>The scope is missing, or the role is too low on something the caller may see. HTTP 403.</summary>
    Forbidden,

    /// <summary>It does not exist, or the caller may not know that it does. HTTP 404.</summary>
    NotFound,

    /// <summary>Already decided, already ended, id taken, same key with another body. HTTP 409.</summary>
    Conflict,

    /// <summary>The cursor is of another epoch or older than what is kept. HTTP 410.</summary>
    Gone,

    /// <summary>Over a documented limit. HTTP 413.</summary>
    TooLarge,

    /// <summary>Too fast; <see cref="Error.RetryAfterMs"/> says when to come again. HTTP 429.</summary>
    RateLimited,

    /// <summary>The log did not answer: not known to be stored; repeating with the same idempotency key is safe. HTTP 503.</summary>
    Unavailable,

    /// <summary>A fault of the server; the message says nothing of the inside. HTTP 500.</summary>
    Internal,
}
