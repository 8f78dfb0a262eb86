using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Tests.Node;

/// <summary>Every request over a surface that offers it, so that a test names the caller and the request alone.</summary>
internal static class NodeRequests
{
    public static Task<Reply<CreateConversationResult>> Send(this CoreNode node, Caller caller, CreateConversation request) =>
        node.SendAsync<CreateConversation, CreateConversationResult>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<Empty>> Send(this CoreNode node, Caller caller, UpdateConversation request) =>
        node.SendAsync<UpdateConversation, Empty>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<Empty>> Send(this CoreNode node, Caller caller, ArchiveConversation request) =>
        node.SendAsync<ArchiveConversation, Empty>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<Empty>> Send(this CoreNode node, Caller caller, UpdateAgent request) =>
        node.SendAsync<UpdateAgent, Empty>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<Empty>> Send(this CoreNode node, Caller caller, GrantAccess request) =>
        node.SendAsync<GrantAccess, Empty>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<Empty>> Send(this CoreNode node, Caller caller, RevokeAccess request) =>
        node.SendAsync<RevokeAccess, Empty>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<Empty>> Send(this CoreNode node, Caller caller, RevokeSessions request) =>
        node.SendAsync<RevokeSessions, Empty>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<Empty>> Send(this CoreNode node, Caller caller, AddParticipant request) =>
        node.SendAsync<AddParticipant, Empty>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<Empty>> Send(this CoreNode node, Caller caller, RemoveParticipant request) =>
        node.SendAsync<RemoveParticipant, Empty>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<SendMessageResult>> Send(this CoreNode node, Caller caller, SendMessage request) =>
        node.SendAsync<SendMessage, SendMessageResult>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<RegisterAgentResult>> Send(this CoreNode node, Caller caller, RegisterAgent request) =>
        node.SendAsync<RegisterAgent, RegisterAgentResult>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<StartRunResult>> Send(this CoreNode node, Caller caller, StartRun request) =>
        node.SendAsync<StartRun, StartRunResult>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<Empty>> Send(this CoreNode node, Caller caller, SteerRun request) =>
        node.SendAsync<SteerRun, Empty>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<Empty>> Send(this CoreNode node, Caller caller, CancelRun request) =>
        node.SendAsync<CancelRun, Empty>(caller with { Surface = Surface.OperatorHub }, request);

    public static Task<Reply<PublishResult>> Send(this CoreNode node, Caller caller, PublishEvents request) =>
        node.SendAsync<PublishEvents, PublishResult>(caller with { Surface = Surface.AgentHub }, request);

    public static Task<Reply<History>> Send(this CoreNode node, Caller caller, GetHistory request) =>
        node.SendAsync<GetHistory, History>(caller with { Surface = Surface.Http }, request);

    public static Task<Reply<TopicSnapshot>> Send(this CoreNode node, Caller caller, GetSnapshot request) =>
        node.SendAsync<GetSnapshot, TopicSnapshot>(caller with { Surface = Surface.Http }, request);

    public static Task<Reply<ListPage>> Send(this CoreNode node, Caller caller, ListConversations request) =>
        node.SendAsync<ListConversations, ListPage>(caller with { Surface = Surface.Http }, request);

    public static Task<Reply<ListPage>> Send(this CoreNode node, Caller caller, ListAgents request) =>
        node.SendAsync<ListAgents, ListPage>(caller with { Surface = Surface.Http }, request);

    public static Task<Reply<ListPage>> Send(this CoreNode node, Caller caller, ListRuns request) =>
        node.SendAsync<ListRuns, ListPage>(caller with { Surface = Surface.Http }, request);

    public static Task<Reply<JsonElement>> Send(this CoreNode node, Caller caller, GetRun request) =>
        node.SendAsync<GetRun, JsonElement>(caller with { Surface = Surface.Http }, request);
}
