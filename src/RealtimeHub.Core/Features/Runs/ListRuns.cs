using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Lists;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Runs;

internal sealed class ListRunsValidator : ListValidator<ListRuns>
{
    public ListRunsValidator()
    {
        RuleFor(r => r.AgentId).IsOptionalId();
        RuleFor(r => r.Status).Must(s => s is null || s.Split(',').All(RunWriter.IsStatus))
            .WithMessage("must be requested, running, waiting, completed, failed or cancelled, or several of them with commas between");
    }
}

/// <summary>A page of the runs whose topics the caller may read. Who may, and which labels they have, the topics' own entries say, as they are now.</summary>
internal sealed class ListRunsHandler(ListIndexes indexes) : UseCase<ListRuns, ListPage>
{
    private static readonly TopicKind[] Homes = [TopicKind.Conversation, TopicKind.Agent];

    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.AgentsRead,
        Offers = [Offer.Http("GET /api/v1/runs")],
    };

    public override async Task<Reply<ListPage>> Handle(Call<ListRuns, ListPage> call, CancellationToken cancellationToken)
    {
        var (request, caller) = (call.Request, call.Caller);
        var runs = await indexes.ReadAsync(ListKeys.RunPrefix(caller.Tenant), cancellationToken);
        var homes = new Dictionary<TopicKind, (Caller Reader, ListSnapshot Topics)>();
        foreach (var kind in Homes)
        {
            if (TopicReadPolicy.ReaderOf(caller, kind) is { } reader)
            {
                homes[kind] = (reader, await indexes.ReadAsync(ListKeys.Prefix(caller.Tenant, kind), cancellationToken));
            }
        }

        var statuses = request.Status?.Split(',');
        return Reply<ListPage>.Success(ListPages.Take(runs, request, IsAskedFor));

        bool IsAskedFor(ListEntry run) =>
            (request.AgentId is null || run.Item.GetProperty("agentId"u8).ValueEquals(request.AgentId))
            && (statuses is null || statuses.Any(run.Item.GetProperty("status"u8).ValueEquals))
            && Topic.Parse(run.Topic) is { } topic
            && homes.TryGetValue(topic.Kind, out var there) && there.Topics.Find(ListKeys.Key(caller.Tenant, topic)) is { } home
            && ListPages.MaySee(there.Reader, home)
            && ListPages.HasLabel(home.Item, request.Label);
    }
}
