using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Sessions;

internal sealed class RevokeSessionsValidator : AbstractValidator<RevokeSessions>
{
    public RevokeSessionsValidator()
    {
        RuleFor(r => r.Subject).NotNull().WithMessage("must be given").ChildRules(subject =>
        {
            subject.RuleFor(s => s.Kind).Must(k => k is SubjectKind.User or SubjectKind.Device).WithMessage("must be user or device");
            subject.RuleFor(s => s.Id).IsIdOf(s => s.Kind);
        });
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

/// <summary>Whoever it concerns need not exist here: users are known to their issuer alone.</summary>
internal sealed class RevokeSessionsHandler(CommandPorts ports) : Command<RevokeSessions, Empty>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = null, // anyone for themselves
        Offers = [Offer.Operator(nameof(IOperatorHub.RevokeSessions)), Offer.Http("POST /api/v1/sessions/revoke")],
    };

    protected override Topic? TopicOf(Call<RevokeSessions, Empty> call) => SessionRevocations.TopicOf(call.Request.Subject);

    protected override Empty ValueOf(Call<RevokeSessions, Empty> call) => Empty.Value;

    protected override ValueTask<Error?> AuthorizeAsync(Call<RevokeSessions, Empty> call, CancellationToken cancellationToken) =>
        ValueTask.FromResult(
            call.Caller.IsAdmin || call.Caller.Subject == call.Request.Subject ? null : Error.Forbidden($"Anybody else's sessions take the scope {Scopes.Admin}."));

    protected override Decision Decide(Call<RevokeSessions, Empty> call) =>
        Decision.Append(EventTypes.SessionsRevoked, new SessionsRevoked(call.Request.Subject, Now));
}
