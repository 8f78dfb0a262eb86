using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Agents;

internal sealed class UpdateAgentValidator : AbstractValidator<UpdateAgent>
{
    public UpdateAgentValidator()
    {
        RuleFor(r => r.AgentId).IsId();
        RuleFor(r => r.Name).IsLine(200).When(r => r.Name is not null);
        RuleFor(r => r.Description).IsOptionalLine(2000);
        RuleFor(r => r.Capabilities).HasAtMost(64);
        RuleForEach(r => r.Capabilities).IsLine(128);
        RuleFor(r => r.Grants).HasAtMost(AgentState.MaxGrants);
        RuleForEach(r => r.Grants).SetValidator(new AccessGrantValidator());
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class UpdateAgentHandler(CommandPorts ports) : Command<UpdateAgent, Empty>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.Admin,
        Role = Permission.Own,
        Offers = [Offer.Operator(nameof(IOperatorHub.UpdateAgent)), Offer.Http("PATCH /api/v1/agents/{agentId}")],
    };

    protected override Topic? TopicOf(Call<UpdateAgent, Empty> call) => Topic.Agent(call.Request.AgentId);

    protected override Empty ValueOf(Call<UpdateAgent, Empty> call) => Empty.Value;

    // A topic may have events of an agent that nobody registered.
    protected override ValueTask<Error?> AuthorizeAsync(Call<UpdateAgent, Empty> call, CancellationToken cancellationToken) =>
        ValueTask.FromResult(call.State.Fold.StateAs<AgentState>().IsRegistered ? RoleError(call.Caller, call.State.Fold, Permission.Own) : Error.NotFound);

    protected override Decision Decide(Call<UpdateAgent, Empty> call)
    {
        var request = call.Request with { Grants = call.Request.Grants?.Distinct().ToList() };
        var agent = call.State.Fold.StateAs<AgentState>();
        var whole = new AgentUpdated(
            request.Name ?? agent.Name, request.Description ?? agent.Description, request.Capabilities ?? agent.Capabilities, request.Grants ?? agent.Grants);
        return agent.Describes(whole) ? Decision.Nothing : Decision.Append(EventTypes.AgentUpdated, whole);
    }
}
