using System.Text.Json;
using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Reading;

internal sealed class GetSnapshotValidator : AbstractValidator<GetSnapshot>
{
    public GetSnapshotValidator() => RuleFor(r => r.Topic).IsTopic();
}

internal sealed class GetSnapshotHandler(IEventLog log) : UseCase<GetSnapshot, TopicSnapshot>
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = null, // the topic's kind says which
        Offers =
        [
            Offer.Http("GET /api/v1/topics/{topic}/snapshot"), Offer.Http("GET /api/v1/conversations/{id}"), Offer.Http("GET /api/v1/agents/{id}"),
        ],
    };

    protected override Topic? TopicOf(Call<GetSnapshot, TopicSnapshot> call) => Topic.Parse(call.Request.Topic);

    protected override ValueTask<Error?> AuthorizeAsync(Call<GetSnapshot, TopicSnapshot> call, CancellationToken cancellationToken) =>
        ValueTask.FromResult(TopicReadPolicy.Refusal(call.Caller, call.State.Fold));

    public override async Task<Reply<TopicSnapshot>> Handle(Call<GetSnapshot, TopicSnapshot> call, CancellationToken cancellationToken)
    {
        var fold = call.State.Fold;
        var epoch = (await log.GetHeadAsync(cancellationToken)).Epoch;
        var state = JsonDocument.Parse(fold.WriteSnapshot(epoch)).RootElement;
        return Reply<TopicSnapshot>.Success(
            new TopicSnapshot(state, Cursor.At(epoch, fold.Key, fold.Sequence, fold.LastState).ToString()));
    }
}
