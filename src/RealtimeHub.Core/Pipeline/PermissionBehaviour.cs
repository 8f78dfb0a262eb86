using MediatR;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Visibility, then role, as the use case declares them.</summary>
internal sealed class PermissionBehaviour<TCall, TReply>(UseCases useCases) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    public async Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        var c = (ICall)call;
        return await useCases.Find(c)!.UseCase.AuthorizeAsync(c, cancellationToken) is { } refusal
            ? TReply.Fail(refusal)
            : await next();
    }
}
