using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Folds;

/// <summary>A topic folded up to a sequence. Immutable.</summary>
public sealed record TopicFold
{
    private const int MaxMisplaced = 1000;

    /// <summary>Which topic.</summary>
    public required TopicKey Key { get; init; }

    /// <summary>Sequence of the last event in it; 0 when there is none.</summary>
    public long Sequence { get; init; }

    /// <summary>The last state event in it: what the next command of the topic expects.</summary>
    public StateMark LastState { get; init; }

    /// <summary>What the events add up to.</summary>
    public required ITopicState State { get; init; }

    /// <summary>Sequence of the last event that was copied here from another topic; 0 when there is none. Copies come in the log's order.</summary>
    public long CopiedThrough { get; init; }

    /// <summary>The keyed requests and the published ids of the last 24 hours.</summary>
    public required RecentRequests Recent { get; init; }

    /// <summary>Sequences of the newest events that have no place and are not told apart otherwise: whoever reads the log leaves them out.</summary>
    /// <remarks>Not the deltas of what is not open: those are old, whatever they are.</remarks>
    public ImmutableSortedSet<long> Misplaced { get; init; } = [];

    /// <summary>Longest text of one item, in bytes of UTF-8: a delta that would go beyond has no place.</summary>
    /// <remarks>The same on every node that is configured alike. Publishing is refused before; this is for what services put on the backbone.</remarks>
    public int MaxTextBytes { get; init; } = int.MaxValue;

    /// <summary>Open items whose text a delta would have made too long, and that delta's sequence: from there on they take none, as it would leave a hole.</summary>
    public ImmutableDictionary<string, long> CutOff { get; init; } = ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>The same for whoever only watches, and has no use for <see cref="Recent"/>.</summary>
    public TopicFold ForWatching() => this with { Recent = RecentRequests.Off };

    /// <summary>Whether the topic has any state event.</summary>
    public bool Exists => LastState.Sequence > 0;

    /// <summary>The state as the kind that the topic is known to be of.</summary>
    public T StateAs<T>()
        where T : class, ITopicState => State as T ?? throw new UnreachableException($"{Key} is no {typeof(T).Name}.");

    /// <summary>What the caller may do here; null: not even know that it exists. A tenant's admin owns everything in it that exists.</summary>
    public Permission? PermissionOf(Caller caller) =>
        caller.Tenant != Key.Tenant ? null
        : caller.IsAdmin && Exists ? Permission.Own
        : State.PermissionOf(caller);

    /// <summary>The fold after <paramref name="e"/>, and whether clients are to see the event.</summary>
    /// <remarks>An event at or below <see cref="Sequence"/> changes nothing, so that log and tail may overlap.</remarks>
    public (TopicFold Fold, bool Effective) Apply(StoredEvent e)
    {
        if (e.Sequence <= Sequence)
        {
            return (this, false);
        }

        var isState = e.Lane == Lane.State;
        var item = DeltaItem.KeyOf(e);
        var next = item is not null && CutOff.ContainsKey(item) ? null : ApplyToState(e);
        var cutOff = isState && !CutOff.IsEmpty && next is not null ? StillCutOff(next) : CutOff;
        if (item is not null && (next as IHasRuns)?.FindItem(item) is { } grown && grown.Text.Bytes > MaxTextBytes)
        {
            (next, cutOff) = (null, CutOff.Add(item, e.Sequence));
        }

        return (this with
        {
            Sequence = e.Sequence,
            LastState = isState ? StateMark.Of(e) : LastState,
            State = next ?? State,
            CopiedThrough = isState && SystemIds.IsCopy(e) ? Math.Max(CopiedThrough, e.Origin!.Seq) : CopiedThrough,
            Recent = Recent.With(e),
            CutOff = cutOff,
            Misplaced = next is null && (isState || IsOpen(item)) ? MisplacedWith(e.Sequence) : Misplaced,
        }, next is not null);
    }

    /// <summary>Whether the message, reasoning or tool call takes deltas.</summary>
    public bool IsOpen(string? item) => item is not null && IsOpenIn(State, item);

    /// <summary>Whether a stored event has no place: whoever reads the log leaves it out.</summary>
    /// <param name="sequence">The event's.</param>
    /// <param name="item">What it is a delta of; null for a state event.</param>
    public bool IsMisplaced(long sequence, string? item) =>
        Misplaced.Contains(sequence) || (item is not null && CutOff.TryGetValue(item, out var from) && sequence >= from);

    /// <summary>The protocol's <c>state</c> of the topic as UTF-8 JSON, at most 256 KiB.</summary>
    public ReadOnlyMemory<byte> WriteSnapshot(ulong epoch)
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var budget in SnapshotBudget.Falling((sequence, mark) => Cursor.At(epoch, Key, sequence, mark).ToString()))
        {
            WriteSnapshot(buffer, writer => State.WriteMembers(writer, budget), budget.LeavesOut);
            if (buffer.WrittenCount <= SnapshotBudget.MaxBytes)
            {
                return buffer.WrittenMemory;
            }
        }

        // Only what came from the backbone can be like this.
        WriteSnapshot(buffer, writer => writer.WriteString("id"u8, Key.Topic.Id), isTruncated: true);
        return buffer.WrittenMemory;
    }

    private void WriteSnapshot(ArrayBufferWriter<byte> buffer, Action<Utf8JsonWriter> writeMembers, bool isTruncated)
    {
        buffer.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = ContractsJson.Wire.Encoder });
        writer.WriteStartObject();
        writeMembers(writer);
        if (isTruncated)
        {
            writer.WriteBoolean("truncated"u8, value: true);
        }

        writer.WriteNumber("seq"u8, Sequence);
        writer.WriteEndObject();
    }

    private ImmutableDictionary<string, long> StillCutOff(ITopicState state) => CutOff.RemoveRange(CutOff.Keys.Where(item => !IsOpenIn(state, item)));

    private static bool IsOpenIn(ITopicState state, string item) => state is IHasRuns runs && runs.FindItem(item) is { IsOpen: true };

    // Commands store none of these; a backbone that is written to directly may, and is not to fill the memory.
    private ImmutableSortedSet<long> MisplacedWith(long sequence) =>
        (Misplaced.Count < MaxMisplaced ? Misplaced : Misplaced.Remove(Misplaced.Min)).Add(sequence);

    // What the log holds was checked when it came through a command; what came from the backbone may still surprise.
    private ITopicState? ApplyToState(StoredEvent e)
    {
        try
        {
            return State.Apply(e);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
