using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Audit;

internal sealed class GetAuditValidator : AbstractValidator<GetAudit>
{
    public GetAuditValidator()
    {
        RuleFor(r => r.Topic).IsTopic().When(r => r.Topic is not null);
        RuleFor(r => r.Actor).Must(a => a is null || ActorFilter.TryParse(a) is not null).WithMessage("must be {kind}:{id} with a kind of user, agent, device, system");
        RuleFor(r => r.After).Must(a => string.IsNullOrEmpty(a) || AuditPosition.TryParse(a) is not null).WithMessage("must be the next of a page");
        RuleFor(r => r.Limit).InclusiveBetween(1, 200).WithMessage("must be 1 to 200");
    }
}

/// <summary>A page of what was done and tried in the caller's tenant, newest first: successes and refusals in one list.</summary>
internal sealed class GetAuditHandler(IDocumentStore documents, RetentionOptions retention, TimeProvider time) : UseCase<GetAudit, AuditPage>
{
    private const int DefaultLimit = 50;

    // A page ends after the hour in which it has looked through so many documents: up to half a million records.
    private const int DocumentsPerPage = 1_000;

    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.Admin,
        Offers = [Offer.Http("GET /api/v1/audit")],
    };

    public override async Task<Reply<AuditPage>> Handle(Call<GetAudit, AuditPage> call, CancellationToken cancellationToken)
    {
        var (request, now) = (call.Request, time.GetUtcNow());
        var limit = request.Limit ?? DefaultLimit;
        var after = string.IsNullOrEmpty(request.After) ? null : AuditPosition.TryParse(request.After);
        var filter = new AuditFilter(request.Topic, ActorFilter.TryParse(request.Actor), after);
        var items = new List<(AuditPosition Position, AuditItem Item)>();

        // The clocks of nodes differ a little, so the newest records may be of the next hour.
        var (newest, oldest) = (AuditKeys.HourOf(now.AddHours(1)), AuditKeys.HourOf(now - retention.AuditTime));
        var hour = after is not null && after.Time < newest ? AuditKeys.HourOf(after.Time) : newest;
        for (var seen = 0; hour >= oldest; hour = hour.AddHours(-1))
        {
            if (seen >= DocumentsPerPage)
            {
                // Everything of the hours that were looked through has been shown.
                return Page(items, new AuditPosition(hour.AddHours(1).Ticks - 1, ""));
            }

            var newestOfHour = new NewestItems(limit + 1 - items.Count);
            await foreach (var document in documents.ListAsync(AuditKeys.Hour(hour, call.Caller.Tenant), cancellationToken))
            {
                seen++;
                newestOfHour.Add(document, filter);
            }

            items.AddRange(newestOfHour.InOrder);
            if (items.Count > limit)
            {
                items.RemoveAt(limit);
                return Page(items, items[^1].Position);
            }
        }

        return Page(items, next: null);
    }

    private static Reply<AuditPage> Page(List<(AuditPosition Position, AuditItem Item)> items, AuditPosition? next) =>
        Reply<AuditPage>.Success(new AuditPage([.. items.Select(i => i.Item)], next?.ToString()));
}
