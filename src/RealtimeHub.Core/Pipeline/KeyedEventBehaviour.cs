using System.Text.Json.Nodes;
using MediatR;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>A keyed request whose event is in the log already gets its first answer again, also when it could not be made any more.</summary>
internal sealed class KeyedEventBehaviour<TCall, TReply>(UseCases useCases, TimeProvider time) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    public Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        var c = (ICall)call;
        if (c.State is not { HasFold: true, Ids.KeyHash: { } keyHash } || c.State.Fold.Recent.FindKey(keyHash, time.GetUtcNow()) is not { } outcome)
        {
            return next();
        }

        c.State.Ids.ReturnTo(outcome.EventId);
        return Task.FromResult(outcome.BodyHash == c.State.Ids.BodyHash
            ? (TReply)useCases.Find(c)!.UseCase.Repeat(c, outcome.Sequence)
            : TReply.Fail(Error.Conflict("The idempotency key was used with another body.", new JsonObject { ["seq"] = outcome.Sequence })));
    }
}
