namespace RealtimeHub.Contracts;

/// <summary>What every hub offers, and all that the read-only EventsHub offers.</summary>
public interface IEventsHub
{
    /// <summary>Watches topics; see <see cref="Contracts.Subscribe"/>.</summary>
    Task<Reply<SubscribeResult>> Subscribe(Subscribe request);

    /// <summary>Stops watching topics; see <see cref="Contracts.Unsubscribe"/>.</summary>
    Task<Reply<Empty>> Unsubscribe(Unsubscribe request);
}

/// <summary>What operators send.</summary>
public interface IOperatorHub : IEventsHub
{
#pragma warning disable CS1591 // each request type describes itself
    Task<Reply<CreateConversationResult>> CreateConversation(CreateConversation request);

    Task<Reply<Empty>> UpdateConversation(UpdateConversation request);

    Task<Reply<Empty>> ArchiveConversation(ArchiveConversation request);

    Task<Reply<Empty>> AddParticipant(AddParticipant request);

    Task<Reply<Empty>> RemoveParticipant(RemoveParticipant request);

    Task<Reply<SendMessageResult>> SendMessage(SendMessage request);

    Task<Reply<StartRunResult>> StartRun(StartRun request);

    Task<Reply<Empty>> SteerRun(SteerRun request);

    Task<Reply<Empty>> CancelRun(CancelRun request);

    Task<Reply<RegisterAgentResult>> RegisterAgent(RegisterAgent request);

    Task<Reply<Empty>> UpdateAgent(UpdateAgent request);

    Task<Reply<Empty>> GrantAccess(GrantAccess request);

    Task<Reply<Empty>> RevokeAccess(RevokeAccess request);

    Task<Reply<Empty>> RevokeSessions(RevokeSessions request);

    Task<Reply<Empty>> SetPresence(SetPresence request);
#pragma warning restore CS1591
}

/// <summary>What agent runtimes send.</summary>
public interface IAgentHub : IEventsHub
{
    /// <summary>Stores events; see <see cref="Contracts.PublishEvents"/>.</summary>
    Task<Reply<PublishResult>> PublishEvents(PublishEvents request);

    /// <summary>Stores events as they come; replies when the stream ends, also when the server drains.</summary>
    Task<Reply<PublishResult>> PublishStream(string topic, string? agentId, IAsyncEnumerable<PublishedEvent> events);
}
