using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Lists;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Agents;

internal sealed class ListAgentsValidator : ListValidator<ListAgents>;

internal sealed class ListAgentsHandler(ListIndexes indexes) : ListHandler<ListAgents>(indexes, TopicKind.Agent)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.AgentsRead,
        Offers = [Offer.Http("GET /api/v1/agents")],
    };
}
