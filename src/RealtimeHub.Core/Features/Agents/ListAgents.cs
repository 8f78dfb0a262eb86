using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Features.Lists;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Agents;

internal sealed class ListAgentsValidator : ListValidator<ListAgents>;

internal sealed class ListAgentsHandler(IDocumentStore documents) : ListHandler<ListAgents>(documents, TopicKind.Agent)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.AgentsRead,
        Offers = [Offer.Http("GET /api/v1/agents")],
    };
}
