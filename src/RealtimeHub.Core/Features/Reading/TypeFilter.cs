using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Reading;

/// <summary>Which event types to show: <c>run.started,message.*</c>.</summary>
internal sealed class TypeFilter
{
    private readonly IReadOnlyList<string> patterns;

    private TypeFilter(IReadOnlyList<string> patterns) => this.patterns = patterns;

    /// <summary>Whether every type passes.</summary>
    public bool PassesAll => patterns.Count == 0;

    /// <summary>Reads the comma separated form; nothing at all lets every type pass. Null when it is malformed.</summary>
    public static TypeFilter? TryParse(string? text)
    {
        var parts = string.IsNullOrEmpty(text) ? [] : text.Split(',');
        return parts.Length <= 64 && parts.All(IsPattern) ? new TypeFilter(parts) : null;
    }

    public bool Passes(string type) => PassesAll || patterns.Any(p =>
        p.EndsWith('*') ? type.StartsWith(p[..^1], StringComparison.Ordinal) : type == p);

    private static bool IsPattern(string part) => part.EndsWith(".*", StringComparison.Ordinal)
        ? part.Length > 2 && part[..^2].All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
        : EventTypes.LaneOf(part) is not null;
}
