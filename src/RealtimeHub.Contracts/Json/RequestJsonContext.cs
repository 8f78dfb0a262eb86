using System.Text.Json.Serialization;

namespace RealtimeHub.Contracts;

/// <summary>Requests: strict. What is unknown, duplicated or ill-typed does not bind.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.Strict,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    MaxDepth = ContractsJson.MaxRequestDepth,
    Converters =
    [
        typeof(WireTimeConverter), typeof(SnakeCaseEnumConverter<SubjectKind>), typeof(SnakeCaseEnumConverter<ParticipantRole>),
        typeof(SnakeCaseEnumConverter<Permission>), typeof(SnakeCaseEnumConverter<SubscribeFrom>),
        typeof(SnakeCaseEnumConverter<PresenceState>),
    ])]
[JsonSerializable(typeof(CreateConversation))]
[JsonSerializable(typeof(UpdateConversation))]
[JsonSerializable(typeof(ArchiveConversation))]
[JsonSerializable(typeof(AddParticipant))]
[JsonSerializable(typeof(RemoveParticipant))]
[JsonSerializable(typeof(SendMessage))]
[JsonSerializable(typeof(StartRun))]
[JsonSerializable(typeof(CancelRun))]
[JsonSerializable(typeof(SteerRun))]
[JsonSerializable(typeof(RegisterAgent))]
[JsonSerializable(typeof(UpdateAgent))]
[JsonSerializable(typeof(GrantAccess))]
[JsonSerializable(typeof(RevokeAccess))]
[JsonSerializable(typeof(RevokeSessions))]
[JsonSerializable(typeof(SetPresence))]
[JsonSerializable(typeof(ListPresence))]
[JsonSerializable(typeof(PublishEvents))]
[JsonSerializable(typeof(PublishedEvent))]
[JsonSerializable(typeof(Subscribe))]
[JsonSerializable(typeof(Unsubscribe))]
[JsonSerializable(typeof(GetHistory))]
[JsonSerializable(typeof(GetSnapshot))]
[JsonSerializable(typeof(ListConversations))]
[JsonSerializable(typeof(ListAgents))]
[JsonSerializable(typeof(GetAudit))]
[JsonSerializable(typeof(GetStatus))]
[JsonSerializable(typeof(ListRuns))]
[JsonSerializable(typeof(GetRun))]
[JsonSerializable(typeof(string))]
internal sealed partial class RequestJsonContext : JsonSerializerContext;
