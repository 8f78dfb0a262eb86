using System.Globalization;

namespace RealtimeHub.Benchmarks.Feeding;

/// <summary>What to publish.</summary>
/// <param name="Prefix">Beginning of the topics' names; their number follows.</param>
/// <param name="Topics">How many topics take turns.</param>
/// <param name="Seconds">For how long, if <paramref name="Most"/> does not come first.</param>
/// <param name="Rate">Events a second; 0: as many as can be, <paramref name="Window"/> ahead of the slowest client.</param>
/// <param name="Window">How far ahead.</param>
/// <param name="Most">No more events than this.</param>
internal sealed record FeedOrder(string Prefix, int Topics, double Seconds, int Rate = 0, int Window = 0, long Most = long.MaxValue)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static FeedOrder Parse(string text)
    {
        var parts = text.Split(' ');
        return new FeedOrder(
            parts[0], int.Parse(parts[1]), double.Parse(parts[2], CultureInfo.InvariantCulture), int.Parse(parts[3]), int.Parse(parts[4]),
            long.Parse(parts[5]));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix} {Topics} {Seconds} {Rate} {Window} {Most}");

    /// <summary>Name of a topic.</summary>
    public static string TopicName(string prefix, int number) => $"{prefix}{number}";
}

/// <summary>What was published.</summary>
/// <param name="Events">How many events.</param>
/// <param name="IsStuck">Whether the system did not take the last one within some seconds.</param>
internal readonly record struct FeedResult(long Events, bool IsStuck);
