using System.Text.Json.Serialization;
using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Identity.Development;

/// <summary>Body of <c>POST /auth/dev-token</c>.</summary>
internal sealed record DevTokenRequest
{
    public const int DefaultSeconds = 3600;
    public const int MaxSeconds = 24 * 3600;

    // As generous as a list in a request header can be.
    private const int MaxNames = 64;

    private const int MaxNameLength = 256;

    /// <summary>A name, foreign or not: it becomes an id as that of any issuer does.</summary>
    public string? Tenant { get; init; }

    /// <summary>A name, as the tenant's.</summary>
    public string? User { get; init; }

    /// <summary>Known scopes. An empty list makes a token that is refused everywhere, for whoever wants to see that.</summary>
    public IReadOnlyList<string?>? Scopes { get; init; }

    /// <summary>What the user is, names as the tenant's; <c>admin</c> is added by itself when the scope is asked for.</summary>
    public IReadOnlyList<string?>? Roles { get; init; }

    /// <summary>The agents that the token speaks for.</summary>
    public IReadOnlyList<string?>? AgentIds { get; init; }

    /// <summary>1 second to 24 hours; an hour when not given.</summary>
    public int? ExpiresInSeconds { get; init; }

    /// <summary>What is wrong, or null.</summary>
    public Error? Validate()
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        CheckName(errors, "tenant", Tenant);
        CheckName(errors, "user", User);
        if (Scopes is null)
        {
            errors["scopes"] = ["is missing"];
        }

        CheckEach(errors, "scopes", Scopes, s => s is not null && Contracts.Scopes.All.Contains(s), "is not a known scope");
        CheckEach(errors, "roles", Roles, IsName, NameRule);
        CheckEach(errors, "agentIds", AgentIds, Ids.IsValid, IdRule);
        if (ExpiresInSeconds is < 1 or > MaxSeconds)
        {
            errors["expiresInSeconds"] = [$"must be from 1 to {MaxSeconds}"];
        }

        return errors.Count == 0 ? null : new Error(ErrorCode.InvalidRequest, "The request is not valid.") { Errors = errors };
    }

    private const string IdRule = "must be 1 to 64 letters, digits, '_' or '-'";

    private static readonly string NameRule = $"must be text of 1 to {MaxNameLength} characters without control characters";

    // Half a surrogate pair does not get this far: reading the JSON refuses it.
    private static bool IsName(string? name) => name is { Length: > 0 and <= MaxNameLength } && !name.Any(char.IsControl);

    private static void CheckName(Dictionary<string, string[]> errors, string path, string? name)
    {
        if (name is null)
        {
            errors[path] = ["is missing"];
        }
        else if (!IsName(name))
        {
            errors[path] = [NameRule];
        }
    }

    private static void CheckEach(Dictionary<string, string[]> errors, string path, IReadOnlyList<string?>? names, Func<string?, bool> fits, string rule)
    {
        if (names?.Count > MaxNames)
        {
            errors[path] = [$"must have at most {MaxNames} entries"];
            return;
        }

        for (var i = 0; i < names?.Count; i++)
        {
            if (!fits(names[i]))
            {
                errors[$"{path}[{i}]"] = [rule];
            }
        }
    }
}

/// <summary>Answer of <c>POST /auth/dev-token</c>.</summary>
internal sealed record DevTokenResponse(string AccessToken, DateTimeOffset ExpiresAt);

/// <summary>Their JSON; how strict it is comes from <see cref="ContractsJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DevTokenRequest))]
[JsonSerializable(typeof(DevTokenResponse))]
internal sealed partial class DevTokenJson : JsonSerializerContext;
