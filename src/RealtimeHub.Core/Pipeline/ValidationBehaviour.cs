using FluentValidation;
using MediatR;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>Shape comes first: what is malformed answers <c>invalid_request</c> before anybody asks who may. Validators read nothing.</summary>
internal sealed class ValidationBehaviour<TCall, TReply>(UseCases useCases, TimeProvider time) : IPipelineBehavior<TCall, TReply>
    where TCall : notnull
    where TReply : IReply<TReply>
{
    public async Task<TReply> Handle(TCall call, RequestHandlerDelegate<TReply> next, CancellationToken cancellationToken)
    {
        if (call is not ICall c || useCases.Find(c) is not { } entry)
        {
            // Fail closed: nothing is known of this request. The scope behaviour says so.
            return await next();
        }

        if (c.BindingError is { } unbound)
        {
            return TReply.Fail(unbound);
        }

        var result = entry.Validator.Validate(new ValidationContext<object>(c.Request));
        if (!result.IsValid)
        {
            return TReply.Fail(ValidationError.Of(result.Errors));
        }

        c.State.Ids = RequestIds.Of(c.Caller, c.Request, time.GetUtcNow());
        return await next();
    }
}
