using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Tests.Contracts;

/// <summary>One value of every record on the wire, every optional member set.</summary>
internal static class Samples
{
    private static readonly DateTimeOffset Time = new(2026, 11, 22, 13, 0, 0, 123, TimeSpan.Zero);

    private static readonly JsonElement Input = Json("""{"question":"why?","depth":3}""");

    private static readonly Usage Totals = new(120, 45, 0.0125m, 3400);

    private static readonly Participant Ada = new() { Kind = SubjectKind.User, Id = "ada", Role = ParticipantRole.Owner, DisplayName = "Ada" };

    private static readonly IReadOnlyDictionary<string, string> Labels = new Dictionary<string, string> { ["team"] = "support" };

    private static readonly IReadOnlyList<AccessGrant> Grants = [new(Subject.Role("*"), Permission.Operate)];

    public static IReadOnlyDictionary<string, (object Value, JsonSerializerOptions Options)> All { get; } = Requests()
        .Select(v => (v, ContractsJson.Requests))
        .Concat(Wire().Select(v => (v, ContractsJson.Wire)))
        .ToDictionary(p => NameOf(p.v), p => (p.v, p.Item2), StringComparer.Ordinal);

    private static IEnumerable<object> Requests() =>
    [
        new CreateConversation { Id = "c1", Title = "Refund", Labels = Labels, Participants = [Ada], IdempotencyKey = "k" },
        new AddParticipant { ConversationId = "c1", Participant = Ada, IdempotencyKey = "k" },
        new RemoveParticipant { ConversationId = "c1", Participant = Ada, IdempotencyKey = "k" },
        new SendMessage { ConversationId = "c1", Text = "Grüße 🌍", ArtifactIds = ["a1"], ReplyTo = "m0", IdempotencyKey = "k" },
        new StartRun { AgentId = "writer", ConversationId = "c1", ProcessId = "p1", StepId = "s1", Input = Input, TimeoutSeconds = 60, IdempotencyKey = "k" },
        new CancelRun { Topic = "conversation:c1", RunId = "r1", Reason = "enough", IdempotencyKey = "k" },
        new SteerRun { Topic = "conversation:c1", RunId = "r1", Instruction = "shorter", IdempotencyKey = "k" },
        new RegisterAgent { AgentId = "writer", Name = "Writer", Description = "Writes.", Capabilities = ["text"], Grants = Grants, IdempotencyKey = "k" },
        new PublishEvents
        {
            Topic = "conversation:c1", AgentId = "writer",
            Events = [new PublishedEvent { Id = "e1", Type = "custom.note", RunId = "r1", Time = Time, Traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Data = Input }],
        },
        new SetPresence { Topic = "conversation:c1", State = PresenceState.Typing, IdempotencyKey = "k" },
        new Subscribe { Subscriptions = [new SubscriptionRequest { Topic = "agent:writer", From = SubscribeFrom.Cursor, Cursor = "AQ", Ref = "x" }] },
        new Unsubscribe { Topics = ["agent:writer"] },
    ];

    private static IEnumerable<object> Wire() =>
    [
        new Event
        {
            Seq = 1287, Id = "e1", Type = "message.delta", Time = Time, Actor = Subject.Agent("writer"), RunId = "r1",
            Traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Origin = new EventOrigin("conversation:c1", 7), Data = Input,
        },
        new ConversationCreated("Refund", [Ada], Labels),
        new ConversationUpdated("Refund 2", Labels),
        new ConversationArchived(),
        new ParticipantChanged(Ada),
        new MessageCreated("m1", MessageRole.User, "Hello", ["a1"], "m0"),
        new MessageStarted("m1", MessageRole.Assistant),
        new MessageDelta("m1", "Hel", 0),
        new MessageCompleted("m1", "Hello", Incomplete: true),
        new RunRequested("r1", "writer", Input, Time, "c1", "p1", "s1"),
        new RunStarted("r1", "writer"),
        new RunStep("r1", "s1", "Search"),
        new RunLiveness("r1", "agent_offline"),
        new RunUsage("r1", 120, 45, 0.0125m, 3400),
        new RunCancelRequested("r1", "enough"),
        new RunSteered("r1", "shorter"),
        new RunCompleted("r1", Input, Totals),
        new RunFailed("r1", new RunError("timeout", "Too long."), Totals),
        new RunCancelled("r1", "enough", Totals),
        new ReasoningStarted("t1", "Plan"),
        new ReasoningDelta("t1", "First", 0),
        new ReasoningCompleted("t1", "First look.", "Plan", Incomplete: false),
        new ToolCallStarted("tc1", "search", Input),
        new ToolCallArgumentsDelta("tc1", "{\"q\"", 0),
        new ToolCallCompleted("tc1", Input, Input, IsError: false, Incomplete: false),
        new AgentRegistered("Writer", "Writes.", ["text"], Grants),
        new AgentUpdated("Writer", "Writes.", ["text"], Grants),
        new AgentStatusChanged(AgentStatus.Online),
        new AccessChanged(Subject.User("mia"), Permission.Operate),
        new SessionsRevoked(Subject.User("mia"), Time),
        Reply<SendMessageResult>.Success(new SendMessageResult("m1"), 1288),
        Reply<Empty>.Fail(new Error(ErrorCode.Conflict, "Taken.")
        {
            Errors = new Dictionary<string, string[]> { ["title"] = ["must not be empty"] },
            Details = new JsonObject { ["stored"] = 2 },
            RetryAfterMs = 1000,
        }),
        Reply<SubscribeResult>.Success(new SubscribeResult([new SubscriptionOutcome("agent:writer", SubscribeStatus.NotFound, "x", "AQ")])),
        new SnapshotMessage("agent:writer", Input, "AQ", "x"),
        new EventsMessage("agent:writer", "AQ", [new Event { Seq = 1, Id = "e1", Type = "agent.status_changed", Time = Time, Actor = Subject.System, Data = Input }]),
        new SubscriptionChangedMessage("agent:writer", SubscriptionStatus.Revoked, "x", "participant.left"),
        new ClosingMessage(ClosingCode.SlowConsumer, "Nothing was read for 10 s.", Reconnect: true, 500),
        new PresenceChangedMessage([new PresenceItem(Subject.User("mia"), PresenceState.Away, Time)], "conversation:c1"),
        Reply<PresencePage>.Success(new PresencePage([new PresenceItem(Subject.User("mia"), PresenceState.Active, Time)], "MQ")),
    ];

    private static string NameOf(object value)
    {
        var type = value.GetType();
        return type.IsGenericType ? $"Reply-{type.GetGenericArguments()[0].Name}" : type.Name;
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
