using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Reading;

internal sealed class SubscribeValidator : AbstractValidator<Subscribe>
{
    public SubscribeValidator()
    {
        RuleFor(r => r.Subscriptions).Fits(s => s is { Count: > 0 } && s.All(i => i is not null), new() { ["minItems"] = 1 })
            .WithMessage("must name at least one topic");
        RuleForEach(r => r.Subscriptions).ChildRules(subscription =>
        {
            subscription.RuleFor(s => s.Topic).IsTopic();
            subscription.RuleFor(s => s.Ref).IsOptionalLine(32);
            subscription.RuleFor(s => s.Cursor)
                .Must((s, cursor) => s.From == SubscribeFrom.Cursor ? Cursor.TryParse(cursor, out _) : cursor is null)
                .WithMessage(s => s.From == SubscribeFrom.Cursor ? "must be a cursor" : "goes with from: cursor alone");
        });
    }
}

/// <summary>Each topic is authorized by itself, inside its feed: one that may not be read does not spoil the others.</summary>
internal sealed class SubscribeHandler(ISubscriptions subscriptions) : UseCase<Subscribe, SubscribeResult>
{
    public override RequestRules Rules { get; } = new() { Scope = null, Offers = Offer.EveryHub(nameof(IEventsHub.Subscribe)) };

    public override async Task<Reply<SubscribeResult>> Handle(Call<Subscribe, SubscribeResult> call, CancellationToken cancellationToken) =>
        Reply<SubscribeResult>.Success(new SubscribeResult(
            await subscriptions.SubscribeAsync(call.Caller, call.Request.Subscriptions, cancellationToken)));
}
