using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Agents;

internal sealed class RegisterAgentValidator : AbstractValidator<RegisterAgent>
{
    public RegisterAgentValidator()
    {
        RuleFor(r => r.AgentId).IsId();
        RuleFor(r => r.Name).IsLine(200);
        RuleFor(r => r.Description).IsOptionalLine(2000);
        RuleFor(r => r.Capabilities).HasAtMost(64);
        RuleForEach(r => r.Capabilities).IsLine(128);
        RuleFor(r => r.Grants).HasAtMost(AgentState.MaxGrants);
        RuleForEach(r => r.Grants).SetValidator(new AccessGrantValidator());
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class AccessGrantValidator : AbstractValidator<AccessGrant>
{
    public AccessGrantValidator()
    {
        RuleFor(g => g.Subject).NotNull().WithMessage("must be given").SetValidator(new GranteeValidator());
    }
}

/// <summary>Somebody who may be given a permission.</summary>
internal sealed class GranteeValidator : AbstractValidator<Subject>
{
    public GranteeValidator()
    {
        RuleFor(s => s.Kind).NotEqual(SubjectKind.System).WithMessage("must be user, agent, device or role");
        RuleFor(s => s.Id).IsIdOf(s => s.Kind);
    }
}

internal sealed class RegisterAgentHandler(CommandPorts ports) : Command<RegisterAgent, RegisterAgentResult>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.Admin,
        Offers = [Offer.Operator(nameof(IOperatorHub.RegisterAgent)), Offer.Http("PUT /api/v1/agents/{agentId}")],
    };

    protected override Topic? TopicOf(Call<RegisterAgent, RegisterAgentResult> call) => Topic.Agent(call.Request.AgentId);

    protected override RegisterAgentResult ValueOf(Call<RegisterAgent, RegisterAgentResult> call)
    {
        var fold = call.State.Fold;
        var agent = fold.StateAs<AgentState>();
        var repeated = call.State.Ids.KeyHash is { } key ? fold.Recent.FindKey(key, Now)?.Sequence : null;
        return new RegisterAgentResult(call.Request.AgentId) { Registered = !agent.IsRegistered || repeated == agent.RegisteredAt };
    }

    protected override Decision Decide(Call<RegisterAgent, RegisterAgentResult> call)
    {
        var request = call.Request with { Grants = call.Request.Grants?.Distinct().ToList() };
        var agent = call.State.Fold.StateAs<AgentState>();
        if (!agent.IsRegistered)
        {
            return Decision.Append(
                EventTypes.AgentRegistered,
                new AgentRegistered(request.Name, request.Description, request.Capabilities, request.Grants ?? []));
        }

        // A registration says all there is: what it leaves out is cleared, not kept.
        var update = new AgentUpdated(request.Name, request.Description ?? "", request.Capabilities ?? [], request.Grants ?? []);
        return agent.Describes(update) ? Decision.Nothing : Decision.Append(EventTypes.AgentUpdated, update);
    }
}
