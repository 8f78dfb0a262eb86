using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Presence;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Admission;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Server.Hubs;

/// <summary>For operators: subscriptions, and every command.</summary>
internal sealed class OperatorHub(HubAdapter adapter, PresenceKeeper presence) : TopicHub<IOperatorClient>(adapter, Surface.OperatorHub)
{
    public Task<Reply<CreateConversationResult>> CreateConversation(Body<CreateConversation> request) =>
        Send<CreateConversation, CreateConversationResult>(request);

    public Task<Reply<Empty>> UpdateConversation(Body<UpdateConversation> request) => Send<UpdateConversation, Empty>(request);

    public Task<Reply<Empty>> ArchiveConversation(Body<ArchiveConversation> request) => Send<ArchiveConversation, Empty>(request);

    public Task<Reply<Empty>> AddParticipant(Body<AddParticipant> request) => Send<AddParticipant, Empty>(request);

    public Task<Reply<Empty>> RemoveParticipant(Body<RemoveParticipant> request) => Send<RemoveParticipant, Empty>(request);

    public Task<Reply<SendMessageResult>> SendMessage(Body<SendMessage> request) => Send<SendMessage, SendMessageResult>(request);

    public Task<Reply<StartRunResult>> StartRun(Body<StartRun> request) => Send<StartRun, StartRunResult>(request);

    public Task<Reply<Empty>> SteerRun(Body<SteerRun> request) => Send<SteerRun, Empty>(request);

    public Task<Reply<Empty>> CancelRun(Body<CancelRun> request) => Send<CancelRun, Empty>(request);

    public Task<Reply<RegisterAgentResult>> RegisterAgent(Body<RegisterAgent> request) => Send<RegisterAgent, RegisterAgentResult>(request);

    public Task<Reply<Empty>> UpdateAgent(Body<UpdateAgent> request) => Send<UpdateAgent, Empty>(request);

    public Task<Reply<Empty>> GrantAccess(Body<GrantAccess> request) => Send<GrantAccess, Empty>(request);

    public Task<Reply<Empty>> RevokeAccess(Body<RevokeAccess> request) => Send<RevokeAccess, Empty>(request);

    public Task<Reply<Empty>> RevokeSessions(Body<RevokeSessions> request) => Send<RevokeSessions, Empty>(request);

    public Task<Reply<Empty>> SetPresence(Body<SetPresence> request) => Send<SetPresence, Empty>(request);

    public override async Task OnConnectedAsync()
    {
        await base.OnConnectedAsync();
        if (Context.Features.Get<OverLimit>() is null)
        {
            presence.Connected(Caller());
        }
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        presence.Disconnected(Caller());
        return base.OnDisconnectedAsync(exception);
    }

    private Caller Caller() => CallerFactory.Create(Context.User!, Surface.OperatorHub, Context.ConnectionId);
}
