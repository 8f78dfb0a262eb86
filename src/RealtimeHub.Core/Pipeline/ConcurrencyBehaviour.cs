using MediatR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Gives an attempt the topic's state as it is now, and repeats it, permission and all, when another event came first.</summary>
internal sealed class ConcurrencyBehaviour<TCall, TReply>(UseCases useCases, ITopicFolds folds) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    // Each loser means that somebody else won, so the topic moves; twenty losses in a row mean that it is overrun.
    private const int MaxAttempts = 20;

    public async Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        var c = (ICall)call;
        var useCase = useCases.Find(c)!.UseCase;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (useCase.TopicOf(c) is not { } topic)
            {
                return await next();
            }

            c.State.Begin(await folds.GetAsync(new TopicKey(c.Caller.Tenant, topic), cancellationToken));
            var reply = await next();
            if (!c.State.Overtaken)
            {
                return reply;
            }
        }

        return TReply.Fail(new Error(ErrorCode.Unavailable, $"{useCase.TopicOf(c)} is changing too fast. Nothing was stored; try again.") { RetryAfterMs = 200 });
    }
}
