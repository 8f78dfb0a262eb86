using System.Diagnostics;

namespace RealtimeHub.Core.Pipeline;

/// <summary>W3C Trace Context, level 1, section 3.2.</summary>
internal static class TraceParent
{
    /// <summary>The trace that the running call belongs to, as logs and audit records show it.</summary>
    public static string? TraceId => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString() : null;

    public static bool IsValid(string text) => text.Length <= 128 && ActivityContext.TryParse(text, traceState: null, out _);

    /// <summary>What an event that the call makes carries: its innermost span where its trace is followed, else what the caller gave, or nothing.</summary>
    public static string? Of(Caller caller) =>
        caller.Traceparent is { } given && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id }
        && given.AsSpan().StartsWith(id.AsSpan(0, 35))
            ? id
            : caller.Traceparent;
}
