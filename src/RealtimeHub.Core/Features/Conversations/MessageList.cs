using System.Collections.Immutable;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Features.Conversations;

/// <summary>A message of a conversation. The text of an open one is with its run's items.</summary>
/// <param name="MessageId">Which message.</param>
/// <param name="Role">Who it is from.</param>
/// <param name="Text">Its text; empty while it is open.</param>
/// <param name="Actor">Who wrote it.</param>
/// <param name="Time">When it began.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="StartedAt">Sequence of its first event.</param>
/// <param name="ClosedAt">The event that made it whole; default while it is open. Of closed messages this says which are the newest.</param>
public sealed record Message(
    string MessageId, MessageRole Role, string Text, Subject Actor, DateTimeOffset Time, MessageStatus Status, long StartedAt, StateMark ClosedAt)
{
    /// <summary>The run that it was written in.</summary>
    public string? RunId { get; init; }

    /// <summary>Artifacts that belong to it.</summary>
    public ImmutableList<string>? ArtifactIds { get; init; }

    /// <summary>The message that it answers.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Whether its text was too long to keep whole.</summary>
    public bool IsTruncated { get; init; }
}

/// <summary>The newest messages of a conversation, oldest first: every open one, and a bounded number of closed ones. Immutable.</summary>
public sealed record MessageList
{
    /// <summary>Closed messages that are kept.</summary>
    public const int ClosedMessages = 200;

    // Longer texts stay in the log alone: two hundred of them are in memory, and in every snapshot.
    private const int KeptText = 32 * 1024;

    /// <summary>Oldest first.</summary>
    public ImmutableList<Message> All { get; init; } = [];

    /// <summary>Where history holds the ones that are not kept any more: at and below this event; null when all are kept.</summary>
    public StateMark? OlderUpTo { get; init; }

    /// <summary>A message; null when it is unknown or old.</summary>
    public Message? Find(string messageId) => All.FindLast(m => m.MessageId == messageId);

    /// <summary>Whether the event begins a message that is new, or completes one that is not complete.</summary>
    public bool HasPlaceFor(StoredEvent e) => e.Type switch
    {
        EventTypes.MessageCreated => Find(e.Read<MessageCreated>().MessageId) is null,
        EventTypes.MessageStarted => Find(e.Read<MessageStarted>().MessageId) is null,
        EventTypes.MessageCompleted => Find(e.Read<MessageCompleted>().MessageId) is null or { Status: MessageStatus.Open },
        _ => true,
    };

    /// <summary>The messages after an event.</summary>
    public MessageList After(StoredEvent e)
    {
        switch (e.Type)
        {
            case EventTypes.MessageCreated:
                var created = e.Read<MessageCreated>();
                return Add(NewMessage(e, created.MessageId, created.Role, MessageStatus.Completed, created.Text) with
                {
                    ArtifactIds = created.ArtifactIds?.OfType<string>().ToImmutableList(),
                    ReplyTo = created.ReplyTo,
                });
            case EventTypes.MessageStarted:
                var started = e.Read<MessageStarted>();
                return Add(NewMessage(e, started.MessageId, started.Role, MessageStatus.Open, ""));
            case EventTypes.MessageCompleted:
                return Complete(e, e.Read<MessageCompleted>());
            default:
                return this;
        }
    }

    /// <summary>Writes <c>messages</c>, and <c>messagesBefore</c> when there are older ones.</summary>
    public void Write(Utf8JsonWriter writer, RunSet runs, SnapshotBudget budget)
    {
        var omitted = Omitted(budget);
        writer.WriteStartArray("messages"u8);
        foreach (var message in All)
        {
            if (!omitted.Contains(message))
            {
                Write(writer, message, runs, budget);
            }
        }

        writer.WriteEndArray();
        var olderUpTo = omitted.Select(m => m.ClosedAt).Append(OlderUpTo ?? default).MaxBy(m => m.Sequence);
        if (olderUpTo != default)
        {
            writer.WriteString("messagesBefore"u8, budget.CursorAt(olderUpTo.Sequence, olderUpTo));
        }
    }

    private HashSet<Message> Omitted(SnapshotBudget budget)
    {
        var closed = All.Where(m => m.Status != MessageStatus.Open).OrderByDescending(m => m.ClosedAt.Sequence).Skip(budget.Messages);
        var open = All.Reverse().Where(m => m.Status == MessageStatus.Open).Skip(budget.Items);
        return new HashSet<Message>(closed.Concat(open), ReferenceEqualityComparer.Instance);
    }

    private static void Write(Utf8JsonWriter writer, Message message, RunSet runs, SnapshotBudget budget)
    {
        var isOpen = message.Status == MessageStatus.Open;
        var text = isOpen ? runs.Items.GetValueOrDefault(message.MessageId)?.Text.ToString() ?? "" : message.Text;
        writer.WriteStartObject();
        writer.WriteString("messageId"u8, message.MessageId);
        writer.WriteString("role"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(message.Role.ToString()));
        var cut = SnapshotBudget.WriteText(writer, "text", text, isOpen ? budget.OpenText : budget.ClosedText);
        if (cut || message.IsTruncated)
        {
            writer.WriteBoolean("truncated"u8, value: true);
        }

        writer.WritePropertyName("actor"u8);
        JsonSerializer.Serialize(writer, message.Actor, ContractsJson.WireType<Subject>());
        writer.WritePropertyName("time"u8);
        JsonSerializer.Serialize(writer, message.Time, ContractsJson.WireType<DateTimeOffset>());
        writer.WriteString("status"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(message.Status.ToString()));
        if (message.RunId is not null)
        {
            writer.WriteString("runId"u8, message.RunId);
        }

        if (message.ArtifactIds is { } artifacts)
        {
            writer.WriteStartArray("artifactIds"u8);
            artifacts.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
        }

        if (message.ReplyTo is not null)
        {
            writer.WriteString("replyTo"u8, message.ReplyTo);
        }

        writer.WriteEndObject();
    }

    private static Message NewMessage(StoredEvent e, string id, MessageRole role, MessageStatus status, string text)
    {
        var (kept, cut) = Keep(text);
        var closedAt = status == MessageStatus.Open ? default : StateMark.Of(e);
        return new Message(id, role, kept, e.Actor, e.Time, status, e.Sequence, closedAt) { RunId = e.RunId, IsTruncated = cut };
    }

    private static (string Text, bool Cut) Keep(string text) =>
        text.Length <= KeptText ? (text, false) : (text[..(char.IsHighSurrogate(text[KeptText - 1]) ? KeptText - 1 : KeptText)], true);

    private MessageList Complete(StoredEvent e, MessageCompleted completed)
    {
        var status = completed.Incomplete == true ? MessageStatus.Incomplete : MessageStatus.Completed;
        var index = All.FindLastIndex(m => m.MessageId == completed.MessageId);
        if (index < 0)
        {
            return Add(NewMessage(e, completed.MessageId, MessageRole.Assistant, status, completed.Text));
        }

        var (kept, cut) = Keep(completed.Text);
        var message = All[index] with { Text = kept, Status = status, IsTruncated = cut, ClosedAt = StateMark.Of(e) };
        return (this with { All = All.SetItem(index, message) }).Trimmed();
    }

    private MessageList Add(Message message) => (this with { All = All.Add(message) }).Trimmed();

    private MessageList Trimmed()
    {
        if (All.Count <= ClosedMessages)
        {
            return this;
        }

        // Not the one that began first: a long answer that has just become whole is among the newest.
        var (closed, oldest, at, index) = (0, (Message?)null, -1, 0);
        foreach (var message in All)
        {
            if (message.Status != MessageStatus.Open)
            {
                closed++;
                if (oldest is null || message.ClosedAt.Sequence < oldest.ClosedAt.Sequence)
                {
                    (oldest, at) = (message, index);
                }
            }

            index++;
        }

        return closed <= ClosedMessages ? this : this with { All = All.RemoveAt(at), OlderUpTo = oldest!.ClosedAt };
    }
}
