using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Reading;

internal sealed class UnsubscribeValidator : AbstractValidator<Unsubscribe>
{
    public UnsubscribeValidator()
    {
        RuleFor(r => r.Topics).NotNull().WithMessage("must be given");
        RuleForEach(r => r.Topics).IsTopic();
    }
}

internal sealed class UnsubscribeHandler(ISubscriptions subscriptions) : UseCase<Unsubscribe, Empty>
{
    public override RequestRules Rules { get; } = new() { Scope = null, Offers = Offer.EveryHub(nameof(IEventsHub.Unsubscribe)) };

    public override async Task<Reply<Empty>> Handle(Call<Unsubscribe, Empty> call, CancellationToken cancellationToken)
    {
        await subscriptions.UnsubscribeAsync(call.Caller, [.. call.Request.Topics.Select(Topic.Parse)], cancellationToken);
        return Reply<Empty>.Success(Empty.Value);
    }
}
