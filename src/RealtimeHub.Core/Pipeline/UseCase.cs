using MediatR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;

namespace RealtimeHub.Core.Pipeline;

/// <summary>What the behaviours need to know of a use case, whatever its request.</summary>
public interface IUseCase
{
    /// <summary>The wire request that it carries out.</summary>
    Type RequestType { get; }

    /// <summary>What its reply holds.</summary>
    Type ValueType { get; }

    /// <summary>What it declares of itself.</summary>
    RequestRules Rules { get; }

    /// <summary>Which of the node's rates it counts against.</summary>
    Rate Rate { get; }

    /// <summary>What a request takes of that rate. It may be malformed: nobody has looked at it yet.</summary>
    RateUse RateUseOf(ICall call);

    /// <summary>The topic that a request touches; null when it touches none, or several.</summary>
    Topic? TopicOf(ICall call);

    /// <summary>Whether the caller may do this to the topic: first whether it may know of it, then whether its role is enough.</summary>
    ValueTask<Error?> AuthorizeAsync(ICall call, CancellationToken cancellationToken);

    /// <summary>The first answer again, for a keyed request whose event is in the log already.</summary>
    object Repeat(ICall call, long sequence);
}

/// <summary>A use case: the rules and the handler of one wire request.</summary>
internal abstract class UseCase<TRequest, TValue> : IUseCase, IRequestHandler<Call<TRequest, TValue>, Reply<TValue>>
    where TRequest : notnull
{
    public Type RequestType => typeof(TRequest);

    public Type ValueType => typeof(TValue);

    public abstract RequestRules Rules { get; }

    public virtual Rate Rate => Rate.None;

    RateUse IUseCase.RateUseOf(ICall call) => RateUseOf((Call<TRequest, TValue>)call);

    Topic? IUseCase.TopicOf(ICall call) => TopicOf((Call<TRequest, TValue>)call);

    ValueTask<Error?> IUseCase.AuthorizeAsync(ICall call, CancellationToken cancellationToken) =>
        AuthorizeAsync((Call<TRequest, TValue>)call, cancellationToken);

    object IUseCase.Repeat(ICall call, long sequence) => Reply<TValue>.Success(ValueOf((Call<TRequest, TValue>)call), sequence);

    public abstract Task<Reply<TValue>> Handle(Call<TRequest, TValue> call, CancellationToken cancellationToken);

    /// <summary>By default: one, of the caller's own share.</summary>
    protected virtual RateUse RateUseOf(Call<TRequest, TValue> call) => new(call.Caller.Subject, Cost: 1);

    protected virtual Topic? TopicOf(Call<TRequest, TValue> call) => null;

    /// <summary>The value, made from the request and its ids alone, so that a repetition answers the same.</summary>
    protected virtual TValue ValueOf(Call<TRequest, TValue> call) => throw new NotSupportedException($"{RequestType.Name} takes no key.");

    /// <summary>By default: the declared role on the declared topic.</summary>
    protected virtual ValueTask<Error?> AuthorizeAsync(Call<TRequest, TValue> call, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Rules.Role is { } role ? RoleError(call.Caller, call.State.Fold, role) : null);

    /// <summary>Visibility before role: who may not know of a topic is not told that its role is too low.</summary>
    protected static Error? RoleError(Caller caller, TopicFold fold, Permission least) => fold.PermissionOf(caller) switch
    {
        null => Error.NotFound,
        { } held when held < least => Error.Forbidden($"This takes the permission to {least.ToString().ToLowerInvariant()} {fold.Key.Topic}."),
        _ => null,
    };
}
