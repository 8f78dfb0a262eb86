using FluentValidation.Results;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>A validator's findings in the words of the wire.</summary>
internal static class ValidationError
{
    /// <summary>Set as a failure's error code, it makes the answer <c>too_large</c>.</summary>
    public const string TooLarge = "too_large";

    public static Error Of(IReadOnlyList<ValidationFailure> failures)
    {
        var errors = failures
            .GroupBy(f => PathOf(f.PropertyName), StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Select(f => f.ErrorMessage).Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);
        var (path, messages) = errors.First();
        var code = failures.All(f => f.ErrorCode == TooLarge) ? ErrorCode.TooLarge : ErrorCode.InvalidRequest;
        return new Error(code, $"{path}: {messages[0]}") { Errors = errors };
    }

    // "Participants[0].DisplayName" as it stands in the request: "participants[0].displayName".
    private static string PathOf(string property) => string.Join('.', property.Split('.').Select(CamelCase));

    private static string CamelCase(string name) => name.Length == 0 ? name : char.ToLowerInvariant(name[0]) + name[1..];
}
