using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FluentValidation;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>The rules that request members share.</summary>
internal static class RuleExtensions
{
    private const string IdRule = "must be 1 to 64 of A-Z, a-z, 0-9, _ and -";

    /// <summary>A rule that the contract's documents can tell: <paramref name="keywords"/> are JSON Schema's, and true of all that <paramref name="fits"/> lets pass.</summary>
    public static IRuleBuilderOptions<T, TProperty> Fits<T, TProperty>(
        this IRuleBuilder<T, TProperty> rule, Func<TProperty, bool> fits, JsonObject keywords) =>
        rule.SetValidator(new ShapedRule<T, TProperty>(fits, keywords));

    /// <summary>A name in the id grammar; absent is not one.</summary>
    public static IRuleBuilderOptions<T, string?> IsId<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Fits(Ids.IsValid, new() { ["pattern"] = Ids.Pattern }).WithMessage(IdRule);

    /// <summary>A name in the id grammar, or absent.</summary>
    public static IRuleBuilderOptions<T, string?> IsOptionalId<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Fits(id => id is null || Ids.IsValid(id), new() { ["pattern"] = Ids.Pattern }).WithMessage(IdRule);

    /// <summary>The id of somebody of a kind: a name in the id grammar, or <c>*</c> for the role of everyone.</summary>
    public static IRuleBuilderOptions<T, string> IsIdOf<T>(this IRuleBuilder<T, string> rule, Func<T, SubjectKind> kind) =>
        rule.Fits(id => id == "*" || Ids.IsValid(id), new() { ["pattern"] = @"^([A-Za-z0-9_-]{1,64}|\*)$" })
            .WithMessage($"{IdRule}, or * for the role of everyone")
            .Must((whose, id) => id != "*" || kind(whose) == SubjectKind.Role).WithMessage(IdRule);

    /// <summary>A topic.</summary>
    public static IRuleBuilderOptions<T, string?> IsTopic<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Fits(t => Topic.TryParse(t, out _), new() { ["pattern"] = Topic.Pattern })
            .WithMessage("must be {kind}:{id} with a kind of conversation, agent, process, device, user, tenant");

    /// <summary>1 to <paramref name="max"/> characters that are not all blank.</summary>
    public static IRuleBuilderOptions<T, string?> IsLine<T>(this IRuleBuilder<T, string?> rule, int max) =>
        rule.Fits(t => !string.IsNullOrWhiteSpace(t) && t.Length <= max, new() { ["minLength"] = 1, ["maxLength"] = max })
            .WithMessage($"must have 1 to {max} characters");

    /// <summary>Absent, or at most <paramref name="max"/> characters.</summary>
    public static IRuleBuilderOptions<T, string?> IsOptionalLine<T>(this IRuleBuilder<T, string?> rule, int max) =>
        rule.Fits(t => t is null || t.Length <= max, new() { ["maxLength"] = max }).WithMessage($"must have at most {max} characters");

    /// <summary>Text of at least one character and at most <paramref name="maxBytes"/> of UTF-8.</summary>
    public static IRuleBuilderOptions<T, string?> IsText<T>(this IRuleBuilder<T, string?> rule, int maxBytes) =>
        rule.Fits(t => !string.IsNullOrEmpty(t), new() { ["minLength"] = 1 }).WithMessage("must not be empty")
            .Fits(t => t is null || Encoding.UTF8.GetByteCount(t) <= maxBytes, new() { ["maxLength"] = maxBytes })
            .WithMessage($"must have at most {maxBytes} bytes").WithErrorCode(ValidationError.TooLarge);

    /// <summary>An idempotency key, or none.</summary>
    public static IRuleBuilderOptions<T, string?> IsKey<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Fits(k => k is null or { Length: > 0 and <= 128 }, new() { ["minLength"] = 1, ["maxLength"] = 128 }).WithMessage("must have 1 to 128 characters");

    /// <summary>Labels, or none.</summary>
    public static IRuleBuilderOptions<T, IReadOnlyDictionary<string, string>?> AreLabels<T>(
        this IRuleBuilder<T, IReadOnlyDictionary<string, string>?> rule) =>
        rule.Fits(l => l is null || (l.Count <= 32 && l.All(p => p.Key.Length is > 0 and <= 64 && p.Value is { Length: <= 256 })), new()
        {
            ["maxProperties"] = 32,
            ["propertyNames"] = new JsonObject { ["minLength"] = 1, ["maxLength"] = 64 },
            ["additionalProperties"] = new JsonObject { ["maxLength"] = 256 },
        })
            .WithMessage("must be at most 32 strings, with keys of 1 to 64 and values of up to 256 characters");

    /// <summary>Absent, or at most <paramref name="max"/> items, none of them null.</summary>
    public static IRuleBuilderOptions<T, IReadOnlyList<TItem>?> HasAtMost<T, TItem>(this IRuleBuilder<T, IReadOnlyList<TItem>?> rule, int max) =>
        rule.Fits(l => l is null || (l.Count <= max && l.All(i => i is not null)), new() { ["maxItems"] = max })
            .WithMessage($"must have at most {max} items, none of them null");

    /// <summary>JSON that is there, and has at most <paramref name="maxBytes"/>.</summary>
    public static IRuleBuilderOptions<T, JsonElement> IsJson<T>(this IRuleBuilder<T, JsonElement> rule, int maxBytes) =>
        rule.Must(j => j.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null)).WithMessage("must be given")
            .Must(j => j.ValueKind == JsonValueKind.Undefined || Encoding.UTF8.GetByteCount(j.GetRawText()) <= maxBytes)
            .WithMessage($"must have at most {maxBytes} bytes").WithErrorCode(ValidationError.TooLarge)
            .Must(j => j.ValueKind == JsonValueKind.Undefined || JsonText.IsWellFormed(j))
            .WithMessage("must hold no lone surrogate, no member twice, and at most 32 levels");
}
