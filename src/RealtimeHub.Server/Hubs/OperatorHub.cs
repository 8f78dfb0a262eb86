using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Hubs;

/// <summary>For operators: subscriptions, and every command.</summary>
internal sealed class OperatorHub(HubAdapter adapter) : TopicHub<IOperatorClient>(adapter, Surface.OperatorHub)
{
    public Task<Reply<CreateConversationResult>> CreateConversation(Body<CreateConversation> request) =>
        Send<CreateConversation, CreateConversationResult>(request);

    public Task<Reply<Empty>> AddParticipant(Body<AddParticipant> request) => Send<AddParticipant, Empty>(request);

    public Task<Reply<Empty>> RemoveParticipant(Body<RemoveParticipant> request) => Send<RemoveParticipant, Empty>(request);

    public Task<Reply<SendMessageResult>> SendMessage(Body<SendMessage> request) => Send<SendMessage, SendMessageResult>(request);

    public Task<Reply<StartRunResult>> StartRun(Body<StartRun> request) => Send<StartRun, StartRunResult>(request);

    public Task<Reply<Empty>> SteerRun(Body<SteerRun> request) => Send<SteerRun, Empty>(request);

    public Task<Reply<Empty>> CancelRun(Body<CancelRun> request) => Send<CancelRun, Empty>(request);

    public Task<Reply<RegisterAgentResult>> RegisterAgent(Body<RegisterAgent> request) => Send<RegisterAgent, RegisterAgentResult>(request);
}
