namespace RealtimeHub.Core.Log;

/// <summary>The log: the one durable truth, and the one order in which everybody sees it.</summary>
/// <remarks>
/// Sequences are the log's own: strictly increasing over all topics and tenants, not contiguous inside a topic, below 2^53.
/// Every member throws <see cref="LogUnavailableException"/> when the log does not answer.
/// </remarks>
public interface IEventLog
{
    /// <summary>Whether each question goes over a network: then what the tail brings is used first, and the log is asked where that is not enough.</summary>
    bool IsRemote => false;

    /// <summary>The log's incarnation and its last sequence.</summary>
    /// <remarks>The epoch changes when the log is made anew or restored; cursors of another epoch do not fit.</remarks>
    ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken);

    /// <summary>Appends events to one topic, in their order.</summary>
    /// <param name="topic">Where to.</param>
    /// <param name="events">At least one. An event whose id the topic took within the last 10 minutes at least is not stored again.</param>
    /// <param name="expectedState">
    /// When given: the sequence of the topic's last state event (0: none) that the decision was made on. If another state event came
    /// since, nothing is stored. Events of the stream lane never count, and neither do events of this very append that are there since it
    /// was tried before: where nothing new is of the state lane, the expectation does not matter.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting; what was sent may still be stored.</param>
    /// <remarks>
    /// A log that takes its events one by one (<c>RealtimeHub.Nats</c>) sees a conflict that arises while several are appended only when it
    /// comes there: what stands before it in the list is stored then. Appending the same ids again finds it.
    /// </remarks>
    /// <returns>
    /// When this returns <see cref="AppendStatus.Stored"/>, the events survive the death of the process and of the machine.
    /// </returns>
    /// <exception cref="ArgumentException">No events, or one that could not be read back (<see cref="LogArguments"/>).</exception>
    /// <exception cref="EventTooLargeException">One is larger than this log takes; none was stored.</exception>
    /// <exception cref="LogUnavailableException">Not known to be stored, but for what it says itself; appending the same ids again is safe.</exception>
    ValueTask<AppendResult> AppendAsync(
        TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken);

    /// <summary>Reads a topic's events, from one lane or from both merged by sequence. Holds everything that was acknowledged before the call.</summary>
    ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken);

    /// <summary>Those of the topic's events that have one of these ids, by id; looks back 10 minutes at least.</summary>
    ValueTask<IReadOnlyDictionary<string, StoredEvent>> FindAsync(
        TopicKey topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    /// <summary>Follows the whole log: every event of every topic with a sequence above <paramref name="after"/>, in order, without a gap, for ever.</summary>
    /// <remarks>
    /// Yields as soon as events are committed, in batches of what has gathered: at most <see cref="LogRange.DefaultMaxBytes"/> of bodies,
    /// or one event that alone is larger. What was purged before the tail came there is skipped and is no gap. Ends only by cancellation
    /// or by an exception; after <see cref="LogUnavailableException"/> start again from the last sequence seen.
    /// </remarks>
    IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(long after, CancellationToken cancellationToken);

    /// <summary>As <see cref="TailAsync(long, CancellationToken)"/>, of the log of an epoch.</summary>
    /// <remarks>A log that can be replaced while it is open must look: what is above <paramref name="after"/> in another one is something else.</remarks>
    /// <param name="epoch">Of the log that <paramref name="after"/> is a place in.</param>
    /// <param name="after">Every event above it comes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LogUnavailableException">The log did not answer, or is another one.</exception>
    IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(ulong epoch, long after, CancellationToken cancellationToken) =>
        TailAsync(after, cancellationToken);

    /// <summary>How far somebody has come who has every event up to a position: past what follows there and is no event, as far as a tail has seen it.</summary>
    long SkipFrom(long position) => position;

    /// <summary>Where in the log a time is: every event below the answer was taken before <paramref name="time"/>, every other one later.</summary>
    /// <remarks>
    /// By the log's own clock, not by the events' times, which are their publishers'. Right as long as that clock was never set back;
    /// where it was, the answer is off by as much. At most one above the head.
    /// </remarks>
    ValueTask<long> FindSequenceAsync(DateTimeOffset time, CancellationToken cancellationToken);

    /// <summary>Removes every event of the stream lane, of all topics, with a sequence below <paramref name="before"/>.</summary>
    /// <remarks>
    /// The state lane, the head and the sequences yet to be given stay as they are. Appends, reads and tails go on meanwhile and may see
    /// some of the events gone and others not. Removed ids are no longer recognized as duplicates, so a caller leaves the last 10 minutes
    /// alone; and it leaves alone what is still open, because until its <c>.completed</c> nothing else holds its text.
    /// When it fails or is cancelled, part may be done; doing it again does the rest.
    /// </remarks>
    /// <returns>How many events were removed.</returns>
    ValueTask<long> PurgeStreamLaneAsync(long before, CancellationToken cancellationToken);

    /// <summary>Removes every event of a topic, of both lanes, with a sequence at or below <paramref name="through"/>.</summary>
    /// <remarks>
    /// Oldest first, in steps that share their transactions with appends: nobody waits for a long topic, and who reads it meanwhile sees the
    /// newest part of it. Events above <paramref name="through"/>, also such as come meanwhile, and every other topic stay. The head and the
    /// sequences yet to be given stay as they are: none is given again. Tails that have not come there skip what is gone, and no tail sees
    /// the removal itself. Cursors and expectations that refer to a removed event do not fit any more. Removed ids are no longer recognized
    /// as duplicates. When it fails or is cancelled, part may be done; doing it again does the rest.
    /// </remarks>
    /// <returns>How many events were removed.</returns>
    ValueTask<long> RemoveTopicAsync(TopicKey topic, long through, CancellationToken cancellationToken);
}

/// <summary>The log's incarnation (48 bits, never 0) and the sequence of its last event (0 when it is empty).</summary>
public readonly record struct LogHead(ulong Epoch, long LastSequence);

/// <summary>Which of a topic's lanes to read.</summary>
public enum LaneFilter
{
    /// <summary>Both, merged by sequence.</summary>
    Both,

    /// <summary>The state lane alone.</summary>
    State,
}

/// <summary>Which events to read: those with <c>After &lt; sequence &lt; Before</c>, at most <paramref name="Limit"/> of them and at most
/// <paramref name="MaxBytes"/> long together, but at least one.</summary>
/// <param name="Limit">At most this many; 1 to 10,000.</param>
/// <param name="After">Above this sequence.</param>
/// <param name="Before">Below this sequence.</param>
/// <param name="Lanes">From which lanes.</param>
/// <param name="Descending">Newest first, from the end of the range.</param>
/// <param name="MaxBytes">At most so many bytes of bodies; the first event comes whatever its length.</param>
public sealed record LogRange(
    int Limit, long After = 0, long Before = long.MaxValue, LaneFilter Lanes = LaneFilter.Both, bool Descending = false,
    int MaxBytes = LogRange.DefaultMaxBytes)
{
    /// <summary>What a read holds unless it says otherwise, and a batch of a tail: a thousand events of 4 KiB, or eight of the longest.</summary>
    public const int DefaultMaxBytes = 4 * 1024 * 1024;
}

/// <summary>What became of an append.</summary>
public enum AppendStatus
{
    /// <summary>All events are in the log; those that were there before kept their sequence.</summary>
    Stored,

    /// <summary>Another state event came first; nothing was stored.</summary>
    Conflict,
}

/// <summary>The outcome of an append.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="LastSequence">Sequence of the last of the events when stored (its first sequence if it was a duplicate); else 0.</param>
/// <param name="Duplicates">How many of the events the log had already.</param>
public readonly record struct AppendResult(AppendStatus Status, long LastSequence, int Duplicates);

/// <summary>The log did not answer. What was to be appended is not known to be stored.</summary>
public sealed class LogUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What of an append is known to be stored all the same: how many of its events, and the sequence of the last. Null: nobody counted.</summary>
    public (int Count, long LastSequence)? Stored { get; init; }
}

/// <summary>An event is larger than where the log is kept takes. It was not stored, and never will be.</summary>
public sealed class EventTooLargeException(string message) : Exception(message);
