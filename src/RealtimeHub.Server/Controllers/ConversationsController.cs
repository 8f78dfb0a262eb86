using Microsoft.AspNetCore.Mvc;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Controllers;

/// <summary>Conversations over HTTP.</summary>
[Route("api/v1/conversations")]
internal sealed class ConversationsController(HttpAdapter adapter) : ControllerBase
{
    [HttpGet]
    public Task<IResult> List() => adapter.SendAsync<ListConversations, ListPage>(HttpContext);

    [HttpGet("{id}")]
    public Task<IResult> Get(string id) => adapter.StateAsync(HttpContext, Topic.Conversation(id));

    [HttpPost]
    public Task<IResult> Create() =>
        adapter.SendAsync<CreateConversation, CreateConversationResult>(HttpContext, made: v => new($"/api/v1/conversations/{v.ConversationId}"));

    [HttpPatch("{conversationId}")]
    public Task<IResult> Update(string conversationId) =>
        adapter.SendAsync<UpdateConversation, Empty>(HttpContext, [("conversationId", conversationId)]);

    [HttpPost("{conversationId}/archive")]
    public Task<IResult> Archive(string conversationId) =>
        adapter.SendAsync<ArchiveConversation, Empty>(HttpContext, [("conversationId", conversationId)]);

    [HttpPut("{conversationId}/participants/{kind}/{participantId}")]
    public Task<IResult> AddParticipant(string conversationId, string kind, string participantId) =>
        adapter.SendAsync<AddParticipant, Empty>(HttpContext, Participant(conversationId, kind, participantId), bodyIs: "participant");

    [HttpDelete("{conversationId}/participants/{kind}/{participantId}")]
    public Task<IResult> RemoveParticipant(string conversationId, string kind, string participantId) =>
        adapter.SendAsync<RemoveParticipant, Empty>(HttpContext, Participant(conversationId, kind, participantId), bodyIs: "participant");

    [HttpPost("{conversationId}/messages")]
    public Task<IResult> SendMessage(string conversationId) =>
        adapter.SendAsync<SendMessage, SendMessageResult>(HttpContext, [("conversationId", conversationId)], made: _ => new(Location: null));

    private static (string Path, string Value)[] Participant(string conversationId, string kind, string participantId) =>
        [("conversationId", conversationId), ("participant.kind", kind), ("participant.id", participantId)];
}
