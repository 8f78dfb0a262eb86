using System.Collections.Immutable;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Features.Conversations;

/// <summary>Where a message is in its life.</summary>
public enum MessageStatus
{
    /// <summary>Its text is still being written.</summary>
    Open,

    /// <summary>It is whole.</summary>
    Completed,

    /// <summary>Its run ended before it was whole.</summary>
    Incomplete,
}

/// <summary>A message of a conversation. The text of an open one is with its run's items.</summary>
/// <param name="MessageId">Which message.</param>
/// <param name="Role">Who it is from.</param>
/// <param name="Text">Its text; empty while it is open.</param>
/// <param name="Actor">Who wrote it.</param>
/// <param name="Time">When it began.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="StartedAt">Sequence of its first event.</param>
/// <param name="Before">The topic's last state event before that: where older history ends.</param>
public sealed record Message(
    string MessageId, MessageRole Role, string Text, Subject Actor, DateTimeOffset Time, MessageStatus Status, long StartedAt, StateMark Before)
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

    /// <summary>Whether there were older ones.</summary>
    public bool HasOlder { get; init; }

    /// <summary>A message; null when it is unknown or old.</summary>
    public Message? Find(string messageId) => All.FindLast(m => m.MessageId == messageId);

    /// <summary>The messages after an event.</summary>
    public MessageList After(StoredEvent e, StateMark before)
    {
        switch (e.Type)
        {
            case EventTypes.MessageCreated:
                var created = e.Read<MessageCreated>();
                return Add(NewMessage(e, before, created.MessageId, created.Role, MessageStatus.Completed, created.Text) with
                {
                    ArtifactIds = created.ArtifactIds?.ToImmutableList(), ReplyTo = created.ReplyTo,
                });
            case EventTypes.MessageStarted:
                var started = e.Read<MessageStarted>();
                return Add(NewMessage(e, before, started.MessageId, started.Role, MessageStatus.Open, ""));
            case EventTypes.MessageCompleted:
                return Complete(e, before, e.Read<MessageCompleted>());
            default:
                return this;
        }
    }

    /// <summary>Writes <c>messages</c>, and <c>messagesBefore</c> when there are older ones.</summary>
    public void Write(Utf8JsonWriter writer, RunSet runs, SnapshotBudget budget)
    {
        var closed = All.Count(m => m.Status != MessageStatus.Open);
        var skip = Math.Max(0, closed - budget.Messages);
        Message? oldest = null;
        writer.WriteStartArray("messages"u8);
        foreach (var message in All)
        {
            if (message.Status != MessageStatus.Open && skip-- > 0)
            {
                continue;
            }

            oldest ??= message;
            Write(writer, message, runs, budget);
        }

        writer.WriteEndArray();
        if (HasOlder || closed > budget.Messages)
        {
            var from = oldest ?? All.LastOrDefault();
            writer.WriteString("messagesBefore"u8, from is null ? budget.CursorAt(0, default) : budget.CursorAt(from.StartedAt - 1, from.Before));
        }
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

    private static Message NewMessage(StoredEvent e, StateMark before, string id, MessageRole role, MessageStatus status, string text)
    {
        var (kept, cut) = Keep(text);
        return new Message(id, role, kept, e.Actor, e.Time, status, e.Sequence, before) { RunId = e.RunId, IsTruncated = cut };
    }

    private static (string Text, bool Cut) Keep(string text) =>
        text.Length <= KeptText ? (text, false) : (text[..(char.IsHighSurrogate(text[KeptText - 1]) ? KeptText - 1 : KeptText)], true);

    private MessageList Complete(StoredEvent e, StateMark before, MessageCompleted completed)
    {
        var status = completed.Incomplete == true ? MessageStatus.Incomplete : MessageStatus.Completed;
        var index = All.FindLastIndex(m => m.MessageId == completed.MessageId);
        if (index < 0)
        {
            return Add(NewMessage(e, before, completed.MessageId, MessageRole.Assistant, status, completed.Text));
        }

        var (kept, cut) = Keep(completed.Text);
        return (this with { All = All.SetItem(index, All[index] with { Text = kept, Status = status, IsTruncated = cut }) }).Trimmed();
    }

    private MessageList Add(Message message) => (this with { All = All.Add(message) }).Trimmed();

    private MessageList Trimmed()
    {
        if (All.Count <= ClosedMessages || All.Count(m => m.Status != MessageStatus.Open) <= ClosedMessages)
        {
            return this;
        }

        return this with { All = All.RemoveAt(All.FindIndex(m => m.Status != MessageStatus.Open)), HasOlder = true };
    }
}
