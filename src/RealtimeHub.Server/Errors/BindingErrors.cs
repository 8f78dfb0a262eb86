using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Errors;

/// <summary>What a caller hears about a body that does not bind; the same words on every surface.</summary>
internal static class BindingErrors
{
    /// <summary>The serializer tells these apart only in prose, and prose is not for parsing.</summary>
    public const string Reason = "is unknown, given twice, or not of its type";

    /// <summary>The body as a whole, in an error's path.</summary>
    public const string Root = "$";

    /// <summary>A body that is null, a list or a single value.</summary>
    public static Error NotAnObject { get; } = Error.Invalid(Root, "must be an object");

    /// <summary>A body that holds text without a meaning, such as half a surrogate pair, where the serializer does not say in which member.</summary>
    public static Error Unreadable { get; } = Error.Invalid(Root, Reason);

    /// <summary>A body that did not come whole.</summary>
    public static Error Incomplete { get; } = Error.Invalid(Root, "did not come whole");

    /// <summary>The member that did not bind.</summary>
    public static Error Of(JsonException e) => Error.Invalid(PathOf(e.Path), Reason);

    /// <summary>The member that did not bind, or that is not there.</summary>
    public static Error Of(JsonException e, ReadOnlySpan<byte> json, JsonTypeInfo type) =>
        MissingIn(json, type, e.Path) is { } missing ? Error.Invalid(PathOf(missing), "must be given") : Of(e);

    private static string? MissingIn(ReadOnlySpan<byte> json, JsonTypeInfo type, string? path)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = type.Options.MaxDepth });
            using var body = JsonDocument.ParseValue(ref reader);
            return MissingMember.Find(body.RootElement, type, path);
        }
        catch (JsonException)
        {
            return null; // it is not JSON, or too deep: nothing is missing but sense
        }
    }

    /// <summary><c>$.participants[0].role</c> is <c>participants[0].role</c> to callers.</summary>
    private static string PathOf(string? path)
    {
        var member = path.AsSpan().TrimStart('$').TrimStart('.');
        return member.IsEmpty ? Root : member.ToString();
    }
}
