using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Lists;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Presence;

internal sealed class ListPresenceValidator : AbstractValidator<ListPresence>
{
    public ListPresenceValidator()
    {
        RuleFor(r => r.Topic).IsTopic().When(r => r.Topic is not null);
        RuleFor(r => r.Limit).InclusiveBetween(1, 200).WithMessage("must be 1 to 200");
        RuleFor(r => r.After).Must(a => string.IsNullOrEmpty(a) || ListPosition.TryParse(a) is not null).WithMessage("must be the next of a page");
    }
}

/// <summary>Who is there, newest change first. A topic's presence is for those who may read it, a tenant's for its users.</summary>
internal sealed class ListPresenceHandler(IPresenceStore store) : UseCase<ListPresence, PresencePage>
{
    private const int DefaultLimit = 50;

    public override RequestRules Rules { get; } = new()
    {
        Scope = null, // the topic's kind says which
        Offers = [Offer.Http("GET /api/v1/presence")],
    };

    public override async Task<Reply<PresencePage>> Handle(Call<ListPresence, PresencePage> call, CancellationToken cancellationToken)
    {
        var request = call.Request;
        var limit = request.Limit ?? DefaultLimit;
        var after = ListPosition.TryParse(request.After);
        var there = await store.ListAsync(new PresencePlace(call.Caller.Tenant, TopicOf(call)), cancellationToken);
        List<(ListPosition At, PresenceItem Item)> rest =
        [
            .. there.Select(i => (At: PositionOf(i), Item: i)).Where(i => after is not { } place || ListPosition.Order.Compare(i.At, place) > 0)
                .OrderBy(i => i.At, ListPosition.Order).Take(limit + 1),
        ];
        return Reply<PresencePage>.Success(new PresencePage(
            [.. rest.Take(limit).Select(i => i.Item)], rest.Count > limit ? rest[limit - 1].At.ToString() : null));
    }

    protected override Topic? TopicOf(Call<ListPresence, PresencePage> call) => call.Request.Topic is { } topic ? Topic.Parse(topic) : null;

    protected override ValueTask<Error?> AuthorizeAsync(Call<ListPresence, PresencePage> call, CancellationToken cancellationToken)
    {
        if (call.State.HasFold)
        {
            return ValueTask.FromResult(TopicReadPolicy.Refusal(call.Caller, call.State.Fold));
        }

        var isOfTheTenant = call.Caller.Subject.Kind == SubjectKind.User || call.Caller.IsAdmin;
        return ValueTask.FromResult(isOfTheTenant ? null : Error.Forbidden("The presence of a tenant is for its users."));
    }

    private static ListPosition PositionOf(PresenceItem item) => new(Sequence: 0, item.Since.UtcTicks, $"{item.Subject.Kind}:{item.Subject.Id}");
}
