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
/// <remarks>The list says where it lives, so a run is found as soon as the list has it, up to 100 ms after it was asked for; its state is never old.</remarks>
internal sealed class GetRunHandler(IDocumentStore documents, ITopicFolds folds) : UseCase<GetRun, JsonElement>
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.AgentsRead,
        Offers = [Offer.Http("GET /api/v1/runs/{runId}")],
    };

    public override async Task<Reply<JsonElement>> Handle(Call<GetRun, JsonElement> call, CancellationToken cancellationToken)
    {
        var (runId, caller) = (call.Request.RunId, call.Caller);
        if (await documents.GetAsync(ListKeys.RunKey(caller.Tenant, runId), cancellationToken) is not { } document)
        {
            return Reply<JsonElement>.Fail(Error.NotFound);
        }

        var entry = JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.ListEntry)!;
        var fold = await folds.GetAsync(new TopicKey(caller.Tenant, Topic.Parse(entry.Topic)), cancellationToken);
        if (TopicReadPolicy.Refusal(caller, fold) is not null)
        {
            return Reply<JsonElement>.Fail(Error.NotFound);
        }

        // One that ended so long ago that its topic forgot it has its scalars still.
        var runs = (fold.State as IHasRuns)?.Runs;
        return Reply<JsonElement>.Success(
            runs?.FindAtHome(runId) is { } run ? RunWriter.StateOf(run, runs, fold.Key.Topic) : entry.Item);
    }
}
