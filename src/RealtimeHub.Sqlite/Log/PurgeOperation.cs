using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Sqlite.Log;

/// <summary>One step of a purge of the stream lane. The log remembers how far it came, so each event is looked at once in its life.</summary>
/// <remarks>
/// A purge goes up the table by its key, in steps that are short enough to stand between appends. It needs no index of the stream lane,
/// which every delta would pay for twice: a step passes by the state events between, and no later purge meets them again.
/// </remarks>
internal sealed class PurgeOperation(long before) : WriteOperation<PurgeStep>
{
    internal const string Delete = "DELETE FROM events WHERE seq >= $1 AND seq < $2 AND lane = 1";

    private const int StepSequences = 1_000;

    // What a step writes is mostly pages of the index of ids, one for each few events.
    public override int Size => StepSequences * 256;

    protected override PurgeStep Write(WriteContext context)
    {
        var from = Schema.ReadPurgedBefore(context.Session);
        if (from >= before)
        {
            return new PurgeStep(0, from);
        }

        var reached = Math.Min(before, from + StepSequences);
        var purged = context.Session.Execute(Delete, from, reached);
        Schema.WritePurgedBefore(context.Session, reached);
        return new PurgeStep(purged, reached);
    }
}

/// <summary>How many events a step removed, and below which sequence the stream lane is now empty.</summary>
internal readonly record struct PurgeStep(int Purged, long Reached);
