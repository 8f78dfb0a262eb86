using MediatR;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Before anything is looked at: who comes too often is answered <c>rate_limited</c>. What does not bind counts like what does.</summary>
internal sealed class RateBehaviour<TCall, TReply>(UseCases useCases, RateLimits rates) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    public Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        if (call is not ICall c || useCases.Find(c)?.UseCase is not { } useCase)
        {
            return next(); // the scope behaviour refuses it
        }

        var use = c.BindingError is null ? useCase.RateUseOf(c) : new RateUse(c.Caller.Subject, Cost: 1);
        return rates.TryTake(useCase.Rate, c.Caller.Tenant, use) is { } refusal ? Task.FromResult(TReply.Fail(refusal)) : next();
    }
}
