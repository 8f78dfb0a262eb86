using System.Text.Json;
using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Lists;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Conversations;

internal sealed class ListConversationsValidator : ListValidator<ListConversations>
{
    public ListConversationsValidator() => RuleFor(r => r.Archived).Must(a => a is null or "true" or "false").WithMessage("must be true or false");
}

internal sealed class ListConversationsHandler(ListIndexes indexes) : ListHandler<ListConversations>(indexes, TopicKind.Conversation)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.ConversationsRead,
        Offers = [Offer.Http("GET /api/v1/conversations")],
    };

    protected override bool IsAskedFor(ListConversations request, ListEntry entry) =>
        request.Archived is null
        || (entry.Item.TryGetProperty("archived"u8, out var archived) && archived.ValueKind == JsonValueKind.True) == (request.Archived == "true");
}
