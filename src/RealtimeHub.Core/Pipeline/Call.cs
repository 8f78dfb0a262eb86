using MediatR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;

namespace RealtimeHub.Core.Pipeline;

/// <summary>A wire request on its way through the pipeline, and who sent it.</summary>
public interface ICall
{
    /// <summary>Who asks.</summary>
    Caller Caller { get; }

    /// <summary>The type of the wire request, also of one that did not bind.</summary>
    Type RequestType { get; }

    /// <summary>The wire request; not there where it did not bind.</summary>
    object Request { get; }

    /// <summary>Why the request did not bind; null when it did.</summary>
    Error? BindingError { get; }

    /// <summary>What the behaviours found out for those behind them.</summary>
    CallState State { get; }
}

/// <summary>A wire request on its way through the pipeline. The same for every surface.</summary>
/// <param name="Caller">From the authenticated principal.</param>
/// <param name="Request">As it was bound.</param>
public sealed record Call<TRequest, TValue>(Caller Caller, TRequest Request) : IRequest<Reply<TValue>>, ICall
    where TRequest : notnull
{
    /// <inheritdoc/>
    public Type RequestType => typeof(TRequest);

    object ICall.Request => Request;

    /// <inheritdoc/>
    public Error? BindingError { get; private init; }

    /// <summary>A request that did not bind: it goes the way of every other, so that its refusal is counted, timed and audited, and gets no further than the look at its shape.</summary>
    public static Call<TRequest, TValue> Unbound(Caller caller, Error error) => new(caller, default!) { BindingError = error };

    /// <inheritdoc/>
    public CallState State { get; } = new();
}

/// <summary>What the behaviours of one call found out. Not shared between calls.</summary>
public sealed class CallState
{
    private TopicFold? fold;
    private RequestIds? ids;

    /// <summary>The ids that this call makes: the same at each attempt, and those of a repetition.</summary>
    public RequestIds Ids
    {
        get => ids ?? throw new InvalidOperationException("The ids are known once the request is valid.");
        internal set => ids = value;
    }

    /// <summary>Whether the request was found valid, and so has ids.</summary>
    public bool IsValid => ids is not null;

    /// <summary>The topic that the call touches, as it was when this attempt began.</summary>
    public TopicFold Fold => fold ?? throw new InvalidOperationException("The request touches no topic.");

    /// <summary>Whether the request touches a topic.</summary>
    public bool HasFold => fold is not null;

    /// <summary>Whether another state event came first: the attempt does not count.</summary>
    internal bool Overtaken { get; private set; }

    /// <summary>How many attempts did not count because their ids were taken.</summary>
    internal int Renewals { get; private set; }

    /// <summary>The attempt does not count; the next one may make other ids.</summary>
    internal void DecideAgain(bool withOtherIds)
    {
        Overtaken = true;
        if (withOtherIds)
        {
            Renewals++;
            Ids.Renew();
        }
    }

    /// <summary>Begins an attempt on the topic as it is now.</summary>
    internal void Begin(TopicFold current)
    {
        fold = current;
        Overtaken = false;
    }
}
