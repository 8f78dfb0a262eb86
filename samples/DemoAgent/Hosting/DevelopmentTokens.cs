using System.Net.Http.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.DemoAgent.Hosting;

/// <summary>Gets tokens from the development issuer, and keeps one until shortly before it ends.</summary>
internal sealed class DevelopmentTokens(DocsGuideOptions options, HttpClient http, TimeProvider time) : IDisposable
{
    // A token that ends while a connection is being made is of no use.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private static readonly string[] WantedScopes =
    [
        Scopes.Admin, Scopes.AgentsRead, Scopes.AgentsOperate, Scopes.ConversationsRead, Scopes.ConversationsWrite, Scopes.EventsPublish,
    ];

    private readonly SemaphoreSlim one = new(1, 1);
    private Issued? kept;

    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(options.AccessToken))
        {
            return options.AccessToken;
        }

        await one.WaitAsync(cancellationToken);
        try
        {
            if (kept is null || kept.ExpiresAt - Margin <= time.GetUtcNow())
            {
                kept = await IssueAsync(cancellationToken);
            }

            return kept.AccessToken;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private async Task<Issued> IssueAsync(CancellationToken cancellationToken)
    {
        var request = new { tenant = options.Tenant, user = "demo-agent", scopes = WantedScopes, agentIds = new[] { DocsGuideOptions.AgentId } };
        using var response = await http.PostAsJsonAsync(new Uri(options.Server, "/auth/dev-token"), request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<Issued>(cancellationToken))!;
    }

    private sealed record Issued(string AccessToken, DateTimeOffset ExpiresAt);
}
