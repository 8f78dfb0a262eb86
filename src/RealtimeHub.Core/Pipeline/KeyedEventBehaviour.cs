using System.Text.Json.Nodes;
using MediatR;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>A keyed request whose event is in the log already gets its first answer again, also when it could not be made any more.</summary>
/// <remarks>A key that was used with a body for another topic is refused where this node has seen it (<see cref="KeySightings"/>).</remarks>
internal sealed class KeyedEventBehaviour<TCall, TReply>(UseCases useCases, KeySightings keys, TimeProvider time) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    public Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        var c = (ICall)call;
        if (c.State is not { HasFold: true, Ids.KeyHash: { } keyHash })
        {
            return next();
        }

        if (c.State.Fold.Recent.FindKey(keyHash, time.GetUtcNow()) is { } outcome)
        {
            c.State.Ids.ReturnTo(outcome.EventId);
            return outcome.BodyHash == c.State.Ids.BodyHash
                ? Task.FromResult((TReply)useCases.Find(c)!.UseCase.Repeat(c, outcome.Sequence))
                : Conflict(new JsonObject { ["seq"] = outcome.Sequence });
        }

        return keys.Find(keyHash) is { } used && used.Topic != c.State.Fold.Key && used.BodyHash != c.State.Ids.BodyHash
            ? Conflict(new JsonObject { ["topic"] = used.Topic.Topic.ToString(), ["seq"] = used.Sequence })
            : next();
    }

    private static Task<TReply> Conflict(JsonObject stands) =>
        Task.FromResult(TReply.Fail(Error.Conflict("The idempotency key was used with another body.", stands)));
}
