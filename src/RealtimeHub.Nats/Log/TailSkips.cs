namespace RealtimeHub.Nats.Log;

/// <summary>Where the stream, as far as it was followed, ends in messages that are no events.</summary>
internal sealed class TailSkips
{
    private readonly Lock gate = new();
    private (long After, long Through) last;

    /// <summary>There is no event after one sequence up to and with another.</summary>
    public void Note(long after, long through)
    {
        lock (gate)
        {
            if (through > last.Through)
            {
                last = (after, through);
            }
        }
    }

    /// <summary>The sequence up to which nothing is missing to whoever has every event up to a position.</summary>
    public long From(long position)
    {
        lock (gate)
        {
            return position >= last.After ? Math.Max(position, last.Through) : position;
        }
    }
}
