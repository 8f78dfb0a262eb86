using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Lists;

internal abstract class ListValidator<TRequest> : AbstractValidator<TRequest>
    where TRequest : ListRequest
{
    protected ListValidator()
    {
        RuleFor(r => r.Limit).InclusiveBetween(1, 200).WithMessage("must be 1 to 200");
        RuleFor(r => r.After).Must(a => string.IsNullOrEmpty(a) || ListPosition.TryParse(a) is not null).WithMessage("must be the next of a page");
        RuleFor(r => r.Label).Must(l => l is null || l.Length is > 0 and <= 64 + 1 + 256).WithMessage("must be key or key=value");
    }
}

/// <summary>A page of the topics of one kind that the caller may see, newest activity first.</summary>
internal abstract class ListHandler<TRequest>(ListIndexes indexes, TopicKind kind) : UseCase<TRequest, ListPage>
    where TRequest : ListRequest
{
    public override async Task<Reply<ListPage>> Handle(Call<TRequest, ListPage> call, CancellationToken cancellationToken)
    {
        var request = call.Request;
        var entries = await indexes.ReadAsync(ListKeys.Prefix(call.Caller.Tenant, kind), cancellationToken);
        return Reply<ListPage>.Success(ListPages.Take(
            entries, request, e => ListPages.MaySee(call.Caller, e) && ListPages.HasLabel(e.Item, request.Label) && IsAskedFor(request, e)));
    }

    /// <summary>What else the request wants of an entry.</summary>
    protected virtual bool IsAskedFor(TRequest request, ListEntry entry) => true;
}
