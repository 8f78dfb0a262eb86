using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Presence;

internal sealed class SetPresenceValidator : AbstractValidator<SetPresence>
{
    public SetPresenceValidator()
    {
        RuleFor(r => r.Topic).IsTopic().When(r => r.Topic is not null);
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

/// <summary>Whoever may read a topic may be present in it. No event: nothing of it is in the log, and no key is remembered.</summary>
internal sealed class SetPresenceHandler(PresenceKeeper keeper) : UseCase<SetPresence, Empty>
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.PresenceWrite,
        Offers = [Offer.Operator(nameof(IOperatorHub.SetPresence)), Offer.Http("PUT /api/v1/presence")],
    };

    public override Rate Rate => Rate.Commands;

    public override async Task<Reply<Empty>> Handle(Call<SetPresence, Empty> call, CancellationToken cancellationToken)
    {
        var place = new PresencePlace(call.Caller.Tenant, TopicOf(call));
        return await keeper.SetAsync(call.Caller, place, call.Request.State, cancellationToken) is { } refusal
            ? Reply<Empty>.Fail(refusal)
            : Reply<Empty>.Success(Empty.Value);
    }

    protected override Topic? TopicOf(Call<SetPresence, Empty> call) => call.Request.Topic is { } topic ? Topic.Parse(topic) : null;

    protected override ValueTask<Error?> AuthorizeAsync(Call<SetPresence, Empty> call, CancellationToken cancellationToken) =>
        ValueTask.FromResult(call.State.HasFold ? TopicReadPolicy.Refusal(call.Caller, call.State.Fold) : null);
}
