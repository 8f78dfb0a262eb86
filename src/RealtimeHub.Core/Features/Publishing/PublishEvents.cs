using System.Text;
using System.Text.Json;
using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Publishing;

internal sealed class PublishEventsValidator : AbstractValidator<PublishEvents>
{
    private const int MaxEvents = 500;

    private const int MaxBytes = 1024 * 1024;

    public PublishEventsValidator(Limits limits)
    {
        RuleFor(r => r.Topic).IsTopic();
        RuleFor(r => r.AgentId).IsOptionalId();
        RuleFor(r => r.Events).Fits(
                e => e is { Count: > 0 and <= MaxEvents } && e.All(i => i is not null), new() { ["minItems"] = 1, ["maxItems"] = MaxEvents })
            .WithMessage($"must be 1 to {MaxEvents} events");
        RuleFor(r => r.Events).Must(e => e is null || HasDistinctIds(e)).WithMessage("must not hold an id twice");
        RuleFor(r => r.Events).Must(e => e is null || e.Sum(DataBytes) <= MaxBytes)
            .WithErrorCode(ValidationError.TooLarge).WithMessage($"must have at most {MaxBytes} bytes of data together");
        RuleForEach(r => r.Events).SetValidator(new PublishedEventValidator(limits)).When(r => r.Events is { Count: <= MaxEvents });
    }

    private static int DataBytes(PublishedEvent? e) =>
        e?.Data.ValueKind is null or JsonValueKind.Undefined ? 0 : Encoding.UTF8.GetByteCount(e.Data.GetRawText());

    private static bool HasDistinctIds(IReadOnlyList<PublishedEvent> events)
    {
        var ids = events.Where(e => e?.Id is not null).Select(e => e.Id).ToList();
        return ids.Distinct(StringComparer.Ordinal).Count() == ids.Count;
    }
}

/// <summary>Stores what an agent or a service did. The adapter of PublishStream sends this very request for what has gathered.</summary>
internal sealed class PublishEventsHandler(Publisher publisher) : UseCase<PublishEvents, PublishResult>
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.EventsPublish,
        Offers =
        [
            Offer.Agent(nameof(IAgentHub.PublishEvents)), Offer.Agent(nameof(IAgentHub.PublishStream)),
            Offer.Http("POST /api/v1/topics/{topic}/events"),
        ],
    };

    public override Rate Rate => Rate.PublishedEvents;

    // The share of the agent that speaks; a name that the token does not speak for is nobody's share but the caller's.
    protected override RateUse RateUseOf(Call<PublishEvents, PublishResult> call) => new(
        PublishRules.AgentOf(call.Caller, call.Request) is { } agent && call.Caller.Agents.Contains(agent) ? Subject.Agent(agent) : call.Caller.Subject,
        call.Request.Events?.Count ?? 1);

    protected override Topic? TopicOf(Call<PublishEvents, PublishResult> call) => Topic.Parse(call.Request.Topic);

    // Who may not see the topic any more, or whose run it has forgotten, is still told what it stored there.
    protected override async ValueTask<Error?> AuthorizeAsync(Call<PublishEvents, PublishResult> call, CancellationToken cancellationToken)
    {
        var refusal = PublishRules.Visibility(call.Caller, call.State.Fold, call.Request);
        return refusal is { Code: ErrorCode.NotFound } && await publisher.HasStoredAsync(call, cancellationToken) ? null : refusal;
    }

    public override Task<Reply<PublishResult>> Handle(Call<PublishEvents, PublishResult> call, CancellationToken cancellationToken) =>
        publisher.PublishAsync(call, cancellationToken);
}
