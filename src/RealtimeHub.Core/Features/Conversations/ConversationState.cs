using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Conversations;

/// <summary>A conversation: who is in it, what was said, and the runs that live in it.</summary>
public sealed record ConversationState : ITopicState, IHasRuns
{
    /// <summary>The conversation's id.</summary>
    public required string Id { get; init; }

    /// <summary>A name for people.</summary>
    public string Title { get; init; } = "";

    /// <summary>The platform's own marks.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Whether it takes no more messages and runs.</summary>
    public bool Archived { get; init; }

    /// <summary>Who is in it, in the order in which they came.</summary>
    public ImmutableList<Participant> Participants { get; init; } = [];

    /// <summary>Its newest messages.</summary>
    public MessageList Messages { get; init; } = new();

    /// <inheritdoc/>
    public RunSet Runs { get; init; } = new();

    /// <inheritdoc/>
    [JsonIgnore]
    public long? OldestOpen => Runs.OldestOpen;

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<Subject> Readers =>
        Participants.Select(p => p.Subject()).Concat(Runs.Open.Select(r => Subject.Agent(r.AgentId)));

    /// <summary>A participant; null for somebody who is not in.</summary>
    public Participant? FindParticipant(Subject subject) => Participants.Find(p => p.Subject() == subject);

    /// <summary>Whether nobody would own the conversation without this participant.</summary>
    public bool IsLastOwner(Subject subject) =>
        FindParticipant(subject) is { Role: ParticipantRole.Owner } && Participants.Count(p => p.Role == ParticipantRole.Owner) == 1;

    /// <summary>Whether an update would change nothing.</summary>
    public bool Describes(ConversationUpdated update) =>
        (update.Title is null || update.Title == Title) && (update.Labels is null || LabelsOf(update.Labels).SequenceEqual(Labels));

    /// <inheritdoc/>
    public Item? FindItem(string key) =>
        Runs.Items.GetValueOrDefault(key)
        ?? (Messages.Find(key) is { } message ? new Item(key, ItemKind.Message, message.RunId, message.StartedAt, IsOpen: false, TextSoFar.Empty) : null);

    /// <inheritdoc/>
    public ITopicState? Apply(StoredEvent e)
    {
        switch (e.Type)
        {
            case EventTypes.ConversationCreated:
                var created = e.Read<ConversationCreated>();
                return this with { Title = created.Title, Labels = LabelsOf(created.Labels), Participants = [.. created.Participants.OfType<Participant>()] };
            case EventTypes.ConversationUpdated:
                var updated = e.Read<ConversationUpdated>();
                return this with { Title = updated.Title ?? Title, Labels = updated.Labels is null ? Labels : LabelsOf(updated.Labels) };
            case EventTypes.ConversationArchived:
                return this with { Archived = true };
            case EventTypes.ParticipantJoined:
                return this with { Participants = With(e.Read<ParticipantChanged>().Participant) };
            case EventTypes.ParticipantLeft:
                var left = e.Read<ParticipantChanged>().Participant.Subject();
                return this with { Participants = Participants.RemoveAll(p => p.Subject() == left) };
            default:
                return Messages.HasPlaceFor(e) && Runs.Apply(e) is { } runs ? this with { Runs = runs, Messages = Messages.After(e) } : null;
        }
    }

    /// <inheritdoc/>
    public Permission? PermissionOf(Caller caller)
    {
        Permission? held = null;
        foreach (var participant in Participants)
        {
            if (caller.Is(participant.Subject()))
            {
                var given = PermissionFor(participant.Role);
                held = held >= given ? held : given;
            }
        }

        return held ?? (caller.Agents.Count > 0 && Runs.Open.Any(r => caller.Agents.Contains(r.AgentId)) ? Permission.View : null);
    }

    /// <inheritdoc/>
    public void WriteScalars(Utf8JsonWriter writer)
    {
        writer.WriteString("id"u8, Id);
        writer.WriteString("title"u8, Title);
        writer.WriteBoolean("archived"u8, Archived);
        writer.WriteStartObject("labels"u8);
        foreach (var (key, value) in Labels)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public void WriteMembers(Utf8JsonWriter writer, SnapshotBudget budget)
    {
        WriteScalars(writer);
        writer.WriteStartArray("participants"u8);
        foreach (var participant in Participants.Take(budget.Items))
        {
            var shown = participant.DisplayName?.Length > budget.ClosedText ? participant with { DisplayName = null } : participant;
            JsonSerializer.Serialize(writer, shown, ContractsJson.WireType<Participant>());
        }

        writer.WriteEndArray();
        Messages.Write(writer, Runs, budget);
        RunWriter.WriteRuns(writer, Runs, budget);
        foreach (var name in (ReadOnlySpan<string>)["approvals", "inputs", "artifacts"])
        {
            writer.WriteStartArray(name);
            writer.WriteEndArray();
        }
    }

    private static Permission PermissionFor(ParticipantRole? role) => role switch
    {
        ParticipantRole.Owner => Permission.Own,
        ParticipantRole.Observer => Permission.View,
        _ => Permission.Operate,
    };

    private static ImmutableSortedDictionary<string, string> LabelsOf(IReadOnlyDictionary<string, string>? labels) =>
        (labels ?? ImmutableDictionary<string, string>.Empty).Where(l => l.Value is not null).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private ImmutableList<Participant> With(Participant participant)
    {
        var index = Participants.FindIndex(p => p.Subject() == participant.Subject());
        return index < 0 ? Participants.Add(participant) : Participants.SetItem(index, participant);
    }
}
