using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Features.Lists;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Conversations;

internal sealed class ListConversationsValidator : ListValidator<ListConversations>;

internal sealed class ListConversationsHandler(IDocumentStore documents) : ListHandler<ListConversations>(documents, TopicKind.Conversation)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.ConversationsRead,
        Offers = [Offer.Http("GET /api/v1/conversations")],
    };
}
