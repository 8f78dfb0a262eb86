using System.Buffers.Text;
using System.Globalization;
using System.Text;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Audit;

/// <summary>A record's place among all of a tenant: later times come first. What succeeded is told apart by its sequence.</summary>
internal sealed record AuditPosition(long Ticks, string Name)
{
    /// <summary>Newest first.</summary>
    public static IComparer<AuditPosition> Order { get; } = Comparer<AuditPosition>.Create((a, b) =>
        a.Ticks != b.Ticks ? b.Ticks.CompareTo(a.Ticks) : string.CompareOrdinal(b.Name, a.Name));

    public DateTimeOffset Time => new(Ticks, TimeSpan.Zero);

    public static AuditPosition Of(AuditItem item, string key, int index) =>
        new(item.Time.UtcTicks, item.Seq is { } sequence ? sequence.ToString("D16", CultureInfo.InvariantCulture) : $"{key}-{index:D4}");

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static AuditPosition? TryParse(string? text)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ', 2);
            return parts.Length == 2
                && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.Ticks
                    ? new AuditPosition(ticks, parts[1])
                    : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Ticks} {Name}"));
}
