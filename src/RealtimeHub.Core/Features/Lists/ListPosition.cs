using System.Text;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Lists;

/// <summary>A place in a list: later times come first, of the same time what the log has later, and then it goes by name.</summary>
internal readonly record struct ListPosition(long Ticks, long Sequence, string Name)
{
    /// <summary>As lists show it.</summary>
    public static IComparer<ListPosition> Order { get; } = Comparer<ListPosition>.Create((a, b) =>
        a.Ticks != b.Ticks ? b.Ticks.CompareTo(a.Ticks)
        : a.Sequence != b.Sequence ? b.Sequence.CompareTo(a.Sequence)
        : string.CompareOrdinal(a.Name, b.Name));

    public static ListPosition Of(ListEntry entry) => new(entry.UpdatedAt.UtcTicks, entry.Sequence, entry.Name);

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static ListPosition? TryParse(string? text)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text)).Split(' ', 3);
            return parts.Length == 3 && long.TryParse(parts[0], out var ticks) && long.TryParse(parts[1], out var sequence)
                ? new ListPosition(ticks, sequence, parts[2])
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Ticks} {Sequence} {Name}"));
}
