using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Telemetry;

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
/// <remarks>The call succeeds whatever came of them, so what was denied is audited and counted here.</remarks>
internal sealed class SubscribeHandler(ISubscriptions subscriptions, IAuditTrail audit, TimeProvider time) : UseCase<Subscribe, SubscribeResult>
{
    public override RequestRules Rules { get; } = new() { Scope = null, Offers = Offer.EveryHub(nameof(IEventsHub.Subscribe)) };

    public override async Task<Reply<SubscribeResult>> Handle(Call<Subscribe, SubscribeResult> call, CancellationToken cancellationToken)
    {
        var outcomes = await subscriptions.SubscribeAsync(call.Caller, call.Request.Subscriptions, cancellationToken);
        foreach (var outcome in outcomes)
        {
            if (DenialOf(outcome.Status) is { } code)
            {
                audit.Record(AuditRecord.Of(call, outcome.Topic, code, time.GetUtcNow()));
                Metrics.CountDenial(code, call.Caller.Surface);
            }
        }

        return Reply<SubscribeResult>.Success(new SubscribeResult(outcomes));
    }

    private static ErrorCode? DenialOf(SubscribeStatus status) => status switch
    {
        SubscribeStatus.NotFound => ErrorCode.NotFound,
        SubscribeStatus.Forbidden => ErrorCode.Forbidden,
        SubscribeStatus.Limit => ErrorCode.TooLarge,
        _ => null,
    };
}
