using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealtimeHub.Contracts;

/// <summary>Events, replies and pushes: lenient. A reader ignores what it does not know, so that additions break nobody.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters =
    [
        typeof(WireTimeConverter), typeof(SnakeCaseEnumConverter<SubjectKind>), typeof(SnakeCaseEnumConverter<ParticipantRole>),
        typeof(SnakeCaseEnumConverter<Permission>), typeof(SnakeCaseEnumConverter<MessageRole>), typeof(SnakeCaseEnumConverter<AgentStatus>),
        typeof(SnakeCaseEnumConverter<ErrorCode>), typeof(SnakeCaseEnumConverter<SubscribeStatus>),
        typeof(SnakeCaseEnumConverter<SubscriptionStatus>), typeof(SnakeCaseEnumConverter<ClosingCode>),
        typeof(SnakeCaseEnumConverter<RunStatus>), typeof(SnakeCaseEnumConverter<RunStepStatus>),
        typeof(SnakeCaseEnumConverter<MessageStatus>), typeof(SnakeCaseEnumConverter<ToolCallStatus>),
        typeof(SnakeCaseEnumConverter<PartStatus>), typeof(SnakeCaseEnumConverter<PresenceState>),
    ])]
[JsonSerializable(typeof(Event))]
[JsonSerializable(typeof(ConversationCreated))]
[JsonSerializable(typeof(ConversationUpdated))]
[JsonSerializable(typeof(ConversationArchived))]
[JsonSerializable(typeof(ParticipantChanged))]
[JsonSerializable(typeof(MessageCreated))]
[JsonSerializable(typeof(MessageStarted))]
[JsonSerializable(typeof(MessageDelta))]
[JsonSerializable(typeof(MessageCompleted))]
[JsonSerializable(typeof(RunRequested))]
[JsonSerializable(typeof(RunStarted))]
[JsonSerializable(typeof(RunStep))]
[JsonSerializable(typeof(RunLiveness))]
[JsonSerializable(typeof(RunUsage))]
[JsonSerializable(typeof(RunCancelRequested))]
[JsonSerializable(typeof(RunSteered))]
[JsonSerializable(typeof(RunCompleted))]
[JsonSerializable(typeof(RunFailed))]
[JsonSerializable(typeof(RunCancelled))]
[JsonSerializable(typeof(ReasoningStarted))]
[JsonSerializable(typeof(ReasoningDelta))]
[JsonSerializable(typeof(ReasoningCompleted))]
[JsonSerializable(typeof(ToolCallStarted))]
[JsonSerializable(typeof(ToolCallArgumentsDelta))]
[JsonSerializable(typeof(ToolCallCompleted))]
[JsonSerializable(typeof(AgentRegistered))]
[JsonSerializable(typeof(AgentUpdated))]
[JsonSerializable(typeof(AgentStatusChanged))]
[JsonSerializable(typeof(AccessChanged))]
[JsonSerializable(typeof(SessionsRevoked))]
[JsonSerializable(typeof(Reply<Empty>))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Subject))]
[JsonSerializable(typeof(EventOrigin))]
[JsonSerializable(typeof(Reply<CreateConversationResult>))]
[JsonSerializable(typeof(Reply<SendMessageResult>))]
[JsonSerializable(typeof(Reply<StartRunResult>))]
[JsonSerializable(typeof(Reply<RegisterAgentResult>))]
[JsonSerializable(typeof(Reply<PublishResult>))]
[JsonSerializable(typeof(Reply<SubscribeResult>))]
[JsonSerializable(typeof(CallerView))]
[JsonSerializable(typeof(Reply<History>))]
[JsonSerializable(typeof(Reply<TopicSnapshot>))]
[JsonSerializable(typeof(Reply<ListPage>))]
[JsonSerializable(typeof(Reply<AuditPage>))]
[JsonSerializable(typeof(Reply<NodeStatus>))]
[JsonSerializable(typeof(Reply<PresencePage>))]
[JsonSerializable(typeof(IReadOnlyList<AuditItem>))]
[JsonSerializable(typeof(Reply<JsonElement>))]
[JsonSerializable(typeof(SnapshotMessage))]
[JsonSerializable(typeof(EventsMessage))]
[JsonSerializable(typeof(SubscriptionChangedMessage))]
[JsonSerializable(typeof(ClosingMessage))]
[JsonSerializable(typeof(PresenceChangedMessage))]
[JsonSerializable(typeof(ConversationTopicState))]
[JsonSerializable(typeof(AgentTopicState))]
[JsonSerializable(typeof(UserTopicState))]
[JsonSerializable(typeof(TenantTopicState))]
internal sealed partial class WireJsonContext : JsonSerializerContext;
