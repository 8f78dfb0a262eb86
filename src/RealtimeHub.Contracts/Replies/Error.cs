using System.Text.Json.Nodes;

namespace RealtimeHub.Contracts;

/// <summary>Why a request was not carried out.</summary>
/// <param name="Code">One of the closed list.</param>
/// <param name="Message">For people; never parsed.</param>
public sealed record Error(ErrorCode Code, string Message)
{
    /// <summary>With <see cref="ErrorCode.InvalidRequest"/>: what is wrong, by member path.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>What stands, where that helps: the stored outcome, the expected offset, how many events were stored.</summary>
    public JsonObject? Details { get; init; }

    /// <summary>With <see cref="ErrorCode.RateLimited"/> and <see cref="ErrorCode.Unavailable"/>: when to try again, in milliseconds.</summary>
    public int? RetryAfterMs { get; init; }

    /// <summary>An <see cref="ErrorCode.InvalidRequest"/> about one member.</summary>
    public static Error Invalid(string path, string message) =>
        new(ErrorCode.InvalidRequest, $"{path}: {message}")
        {
            Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [path] = [message] },
        };

    /// <summary>A <see cref="ErrorCode.NotFound"/>, always in the same words, so that absent and hidden things look alike.</summary>
    public static Error NotFound { get; } = new(ErrorCode.NotFound, "It does not exist, or you may not see it.");

    /// <summary>A <see cref="ErrorCode.Forbidden"/>.</summary>
    public static Error Forbidden(string message) => new(ErrorCode.Forbidden, message);

    /// <summary>A <see cref="ErrorCode.Conflict"/>; <paramref name="details"/> says what stands.</summary>
    public static Error Conflict(string message, JsonObject? details = null) => new(ErrorCode.Conflict, message) { Details = details };

    /// <summary>A <see cref="ErrorCode.TooLarge"/>.</summary>
    public static Error TooLarge(string message) => new(ErrorCode.TooLarge, message);
}
