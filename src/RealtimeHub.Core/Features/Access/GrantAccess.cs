using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Agents;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Access;

internal sealed class GrantAccessValidator : AbstractValidator<GrantAccess>
{
    public GrantAccessValidator()
    {
        RuleFor(r => r.Topic).HasGrants();
        RuleFor(r => r.Subject).IsGrantee();
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class GrantAccessHandler(CommandPorts ports) : AccessCommand<GrantAccess>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = null, // an owner of the process needs none
        Offers =
        [
            Offer.Operator(nameof(IOperatorHub.GrantAccess)),
            Offer.Http("PUT /api/v1/topics/{topic}/access/{kind}/{id}/{permission}"),
        ],
    };

    protected override (string Topic, AccessGrant Grant) Target(GrantAccess request) =>
        (request.Topic, new AccessGrant(request.Subject, request.Permission));

    protected override Decision Decide(AccessGrant grant, IReadOnlyCollection<AccessGrant> held) =>
        held.Contains(grant) ? Decision.Nothing
        : held.Count >= AgentState.MaxGrants ? Decision.Refuse(Error.TooLarge($"At most {AgentState.MaxGrants} permissions are given on one topic."))
        : Decision.Append(EventTypes.AccessGranted, new AccessChanged(grant.Subject, grant.Permission));
}
