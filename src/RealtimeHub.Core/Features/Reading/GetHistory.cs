using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Reading;

internal sealed class GetHistoryValidator : AbstractValidator<GetHistory>
{
    public GetHistoryValidator()
    {
        RuleFor(r => r.Topic).IsTopic();
        RuleFor(r => r.After).Must(c => c is null or "" || Cursor.TryParse(c, out _)).WithMessage("must be a cursor");
        RuleFor(r => r.Before).Must(c => c is null or "" || Cursor.TryParse(c, out _)).WithMessage("must be a cursor");
        RuleFor(r => r.Before).Null().When(r => r.After is not null).WithMessage("must not be given together with after");
        RuleFor(r => r.Limit).InclusiveBetween(1, 1000).WithMessage("must be 1 to 1000");
        RuleFor(r => r.Types).Must(t => TypeFilter.TryParse(t) is not null).WithMessage("must be event types, comma separated; message.* is one, too");
    }
}

/// <summary>A page of a topic's events. Deltas of what is complete may be left out: the completed event holds the whole.</summary>
internal sealed class GetHistoryHandler(IEventLog log, CursorCheck cursors) : UseCase<GetHistory, History>
{
    private const int DefaultLimit = 100;

    public override RequestRules Rules { get; } = new()
    {
        Scope = null, // the topic's kind says which
        Offers = [Offer.Http("GET /api/v1/topics/{topic}/events")],
    };

    public override Rate Rate => Rate.HistoryReads;

    protected override Topic? TopicOf(Call<GetHistory, History> call) => Topic.Parse(call.Request.Topic);

    protected override ValueTask<Error?> AuthorizeAsync(Call<GetHistory, History> call, CancellationToken cancellationToken) =>
        ValueTask.FromResult(TopicReadPolicy.Refusal(call.Caller, call.State.Fold));

    public override async Task<Reply<History>> Handle(Call<GetHistory, History> call, CancellationToken cancellationToken)
    {
        var (request, fold) = (call.Request, call.State.Fold);
        var epoch = (await log.GetHeadAsync(cancellationToken)).Epoch;
        var start = Cursor.At(epoch, fold.Key, fold.Sequence, fold.LastState);
        var given = request.After ?? request.Before;
        if (!string.IsNullOrEmpty(given))
        {
            start = Cursor.Parse(given);
            if (await cursors.CheckAsync(fold.Key, start, cancellationToken) != CursorFit.Fits)
            {
                return Reply<History>.Fail(new Error(ErrorCode.Gone, "The cursor is of another log."));
            }
        }
        else if (request.Before is null)
        {
            start = Cursor.Start(epoch, fold.Key);
        }

        var types = TypeFilter.TryParse(request.Types);
        var reader = new HistoryReader(log, fold, types!, request.Limit ?? DefaultLimit);
        var page = request.Before is null
            ? await reader.ReadForwardAsync(start, cancellationToken)
            : await reader.ReadBackwardAsync(start, cancellationToken);
        return Reply<History>.Success(page);
    }
}
