using System.Diagnostics;

namespace RealtimeHub.Core.Pipeline;

/// <summary>W3C Trace Context, level 1, section 3.2.</summary>
internal static class TraceParent
{
    public static bool IsValid(string text) => text.Length <= 128 && ActivityContext.TryParse(text, traceState: null, out _);
}
