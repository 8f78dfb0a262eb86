using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>Where a subscription begins: a <see cref="SubscribeFrom"/>, or a cursor from an earlier one.</summary>
public readonly record struct StartPosition
{
    private StartPosition(SubscribeFrom from, string? cursor)
    {
        From = from;
        Cursor = cursor;
    }

    /// <summary>Only what comes next.</summary>
    public static StartPosition Latest { get; } = new(SubscribeFrom.Latest, null);

    /// <summary>Everything that is kept.</summary>
    public static StartPosition Earliest { get; } = new(SubscribeFrom.Earliest, null);

    /// <summary>The state now, then what follows it.</summary>
    public static StartPosition Snapshot { get; } = new(SubscribeFrom.Snapshot, null);

    /// <summary>Which of the four.</summary>
    public SubscribeFrom From { get; }

    /// <summary>The position; null unless <see cref="From"/> is <see cref="SubscribeFrom.Cursor"/>.</summary>
    public string? Cursor { get; }

    /// <summary>Everything after a cursor that an item of an earlier subscription carried.</summary>
    public static StartPosition After(string cursor)
    {
        ArgumentException.ThrowIfNullOrEmpty(cursor);
        return new(SubscribeFrom.Cursor, cursor);
    }

    /// <summary>The position that <paramref name="from"/> names without a cursor.</summary>
    public static StartPosition FromSubscribeFrom(SubscribeFrom from) => from == SubscribeFrom.Cursor
        ? throw new ArgumentException("Use StartPosition.After(cursor).", nameof(from))
        : new(from, null);

    /// <summary>The position that <paramref name="from"/> names without a cursor.</summary>
    public static implicit operator StartPosition(SubscribeFrom from) => FromSubscribeFrom(from);
}
