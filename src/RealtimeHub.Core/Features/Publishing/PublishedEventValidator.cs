using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Publishing;

/// <summary>Whether a published event is well formed: its type is known, and its data is what the type says.</summary>
internal sealed class PublishedEventValidator : AbstractValidator<PublishedEvent>
{
    private const int CustomDataBytes = 64 * 1024;

    private static readonly JsonObject KnownTypes = new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray([.. EventTypes.Registered.Select(t => (JsonNode)t.Name)]) },
            new JsonObject { ["pattern"] = EventTypes.CustomPattern, ["maxLength"] = EventTypes.MaxLength }),
    };

    public PublishedEventValidator(Limits limits)
    {
        RuleFor(e => e.Id).IsOptionalId();
        RuleFor(e => e.RunId).IsOptionalId();
        RuleFor(e => e.Type).Fits(t => t is not null && EventTypes.LaneOf(t) is not null, KnownTypes).WithMessage("is no event type");
        RuleFor(e => e.Traceparent).Must(t => t is null || TraceParent.IsValid(t)).WithMessage("must be a W3C traceparent");
        RuleFor(e => e.Data)
            .Must((e, d) => d.ValueKind == JsonValueKind.Object || (EventTypes.IsCustom(e.Type ?? "") && d.ValueKind != JsonValueKind.Undefined))
            .WithMessage(e => EventTypes.IsCustom(e.Type ?? "") ? "must be given" : "must be an object")
            .Must(d => d.ValueKind == JsonValueKind.Undefined || JsonText.IsWellFormed(d))
            .WithMessage("must hold no lone surrogate, no member twice, and at most 32 levels");
        RuleFor(e => e.Data)
            .Must((e, d) => d.ValueKind == JsonValueKind.Undefined || Encoding.UTF8.GetByteCount(d.GetRawText()) <= MaxBytes(e.Type, limits))
            .WithErrorCode(ValidationError.TooLarge).WithMessage("is too large for an event");
        RuleFor(e => e).Custom((e, context) =>
        {
            if (e.Type is not null && e.Data.ValueKind == JsonValueKind.Object && EventData.Problem(e) is var (path, problem))
            {
                context.AddFailure(path, problem);
            }
        });
    }

    private static int MaxBytes(string? type, Limits limits) =>
        type is not null && EventTypes.IsCustom(type) ? CustomDataBytes : limits.EventBytes;
}
