using System.Text.Json;
using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Runs;

internal sealed class GetRunValidator : AbstractValidator<GetRun>
{
    public GetRunValidator() => RuleFor(r => r.RunId).IsId();
}

/// <summary>A run, wherever it lives. One that is not there and one that the caller may not see are the same.</summary>
/// <remarks>The list says where it lives, and until the projector has written it there, the node's memory of what was requested; its state is never old.</remarks>
internal sealed class GetRunHandler(IDocumentStore documents, RunHomes homes, ITopicFolds folds) : UseCase<GetRun, JsonElement>
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.AgentsRead,
        Offers = [Offer.Http("GET /api/v1/runs/{runId}")],
    };

    public override async Task<Reply<JsonElement>> Handle(Call<GetRun, JsonElement> call, CancellationToken cancellationToken)
    {
        var (runId, caller) = (call.Request.RunId, call.Caller);
        var document = await documents.GetAsync(ListKeys.RunKey(caller.Tenant, runId), cancellationToken);
        var entry = document is null ? null : JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.ListEntry)!;
        if ((entry is null ? homes.Find(caller.Tenant, runId) : Topic.Parse(entry.Topic)) is not { } home)
        {
            return Reply<JsonElement>.Fail(Error.NotFound);
        }

        var fold = await folds.GetAsync(new TopicKey(caller.Tenant, home), cancellationToken);
        if (TopicReadPolicy.Refusal(caller, fold) is not null)
        {
            return Reply<JsonElement>.Fail(Error.NotFound);
        }

        var runs = (fold.State as IHasRuns)?.Runs;
        if (runs?.FindAtHome(runId) is { } run)
        {
            return Reply<JsonElement>.Success(RunWriter.StateOf(run, runs, fold.Key.Topic));
        }

        // One that ended so long ago that its topic forgot it has its scalars still.
        return entry is null ? Reply<JsonElement>.Fail(Error.NotFound) : Reply<JsonElement>.Success(entry.Item);
    }
}
