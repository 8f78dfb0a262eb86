using System.Text;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Lists;

/// <summary>A place in a list: what the log has later comes first, whatever time its publisher gave it; where there is no log, later times, then names.</summary>
internal readonly record struct ListPosition(long Sequence, long Ticks, string Name)
{
    /// <summary>As lists show it.</summary>
    public static IComparer<ListPosition> Order { get; } = Comparer<ListPosition>.Create((a, b) =>
        a.Sequence != b.Sequence ? b.Sequence.CompareTo(a.Sequence)
        : a.Ticks != b.Ticks ? b.Ticks.CompareTo(a.Ticks)
        : string.CompareOrdinal(a.Name, b.Name));

    public static ListPosition Of(ListEntry entry) => new(entry.Sequence, entry.UpdatedAt.UtcTicks, entry.Name);

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static ListPosition? TryParse(string? text)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text)).Split(' ', 3);
            return parts.Length == 3 && long.TryParse(parts[0], out var sequence) && long.TryParse(parts[1], out var ticks)
                ? new ListPosition(sequence, ticks, parts[2])
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Sequence} {Ticks} {Name}"));
}
