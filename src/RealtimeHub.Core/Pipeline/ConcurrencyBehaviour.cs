using MediatR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Gives an attempt the topic's state as it is now, and repeats it, permission and all, when another event came first.</summary>
/// <remarks>
/// Where the log is far away, a command is first decided on what this node has seen of the topic: its append confirms that. What appends
/// nothing is decided again on the state that the log has now, if that is another.
/// </remarks>
internal sealed class ConcurrencyBehaviour<TCall, TReply>(UseCases useCases, ITopicFolds folds, IEventLog log) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    // Each loser means that somebody else won, so the topic moves; twenty losses in a row mean that it is overrun.
    private const int MaxAttempts = 20;

    // A key that was used again and again, each time after it was forgotten: once a day for three years.
    private const int MaxRenewals = 1000;

    public async Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        var c = (ICall)call;
        var useCase = useCases.Find(c)!.UseCase;
        for (var attempt = 0; attempt < MaxAttempts + Math.Min(c.State.Renewals, MaxRenewals); attempt++)
        {
            if (useCase.TopicOf(c) is not { } topic)
            {
                return await next();
            }

            var key = new TopicKey(c.Caller.Tenant, topic);
            var trustsSight = attempt == 0 && log.IsRemote && useCase.Rate is Rate.Commands;
            var seen = trustsSight ? await folds.GetSeenAsync(key, cancellationToken) : new SeenFold(await folds.GetAsync(key, cancellationToken), IsCurrent: true);
            c.State.Begin(seen.Fold);
            var reply = await next();
            if (!c.State.Overtaken && (seen.IsCurrent || reply.Seq is not null || await IsCurrentAsync(seen.Fold, cancellationToken)))
            {
                return reply;
            }
        }

        return TReply.Fail(new Error(ErrorCode.Unavailable, $"{useCase.TopicOf(c)} is changing too fast. Nothing was stored; try again.") { RetryAfterMs = 200 });
    }

    private async ValueTask<bool> IsCurrentAsync(TopicFold seen, CancellationToken cancellationToken) =>
        (await folds.GetAsync(seen.Key, cancellationToken)).Sequence == seen.Sequence;
}
