using System.Text;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Lists;

/// <summary>A place in a list: later times come first, and those of the same time by name.</summary>
internal sealed record ListPosition(long Ticks, string Name)
{
    /// <summary>As lists show it.</summary>
    public static IComparer<ListPosition> Order { get; } = Comparer<ListPosition>.Create((a, b) =>
        a.Ticks != b.Ticks ? b.Ticks.CompareTo(a.Ticks) : string.CompareOrdinal(a.Name, b.Name));

    public static ListPosition Of(ListEntry entry) => new(entry.UpdatedAt.UtcTicks, entry.Name);

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static ListPosition? TryParse(string? text)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text)).Split(' ', 2);
            return parts.Length == 2 && long.TryParse(parts[0], out var ticks) ? new ListPosition(ticks, parts[1]) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Ticks} {Name}"));
}
