using MediatR;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Deny by default: a request runs only where its use case offers it, and with the scope that it declares.</summary>
internal sealed class ScopeBehaviour<TCall, TReply>(UseCases useCases, ILogger<ScopeBehaviour<TCall, TReply>> logger) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    public Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        if (call is not ICall c || useCases.Find(c) is not { UseCase.Rules: var rules } || !rules.Offers.Any(o => o.Surface == c.Caller.Surface))
        {
            PipelineLog.NotDeclared(logger, typeof(TCall).Name, (call as ICall)?.Caller.Surface ?? default);
            return Task.FromResult(TReply.Fail(Error.Forbidden("This is not offered here.")));
        }

        return rules.Scope is { } scope && !c.Caller.Has(scope)
            ? Task.FromResult(TReply.Fail(Error.Forbidden($"This takes the scope {scope}.")))
            : next();
    }
}
