using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Access;

internal sealed class RevokeAccessValidator : AbstractValidator<RevokeAccess>
{
    public RevokeAccessValidator()
    {
        RuleFor(r => r.Topic).HasGrants();
        RuleFor(r => r.Subject).IsGrantee();
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class RevokeAccessHandler(CommandPorts ports) : AccessCommand<RevokeAccess>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = null, // an owner of the process needs none
        Offers =
        [
            Offer.Operator(nameof(IOperatorHub.RevokeAccess)),
            Offer.Http("DELETE /api/v1/topics/{topic}/access/{kind}/{id}/{permission}"),
        ],
    };

    protected override (string Topic, AccessGrant Grant) Target(RevokeAccess request) =>
        (request.Topic, new AccessGrant(request.Subject, request.Permission));

    protected override Decision Decide(AccessGrant grant, IReadOnlyCollection<AccessGrant> held) =>
        held.Contains(grant)
            ? Decision.Append(EventTypes.AccessRevoked, new AccessChanged(grant.Subject, grant.Permission))
            : Decision.Nothing;
}
