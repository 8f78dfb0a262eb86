using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace RealtimeHub.EndToEnd.Tests.Harness;

internal sealed record LoggedEvent(long Seq, string Id, string Type, string? RunId, JsonElement Data)
{
    public bool IsState => !Type.EndsWith("delta", StringComparison.Ordinal);

    public string Text => Data.GetProperty("text").GetString()!;
}

/// <summary>What the server has stored, read over HTTP: the truth that pages are held against.</summary>
internal sealed class Log(Uri server) : IDisposable
{
    private static readonly string[] Scopes = ["conversations.read"];

    private readonly HttpClient http = new() { BaseAddress = server };

    public async Task<IReadOnlyList<LoggedEvent>> ReadAsync(string topic)
    {
        http.DefaultRequestHeaders.Authorization ??= new AuthenticationHeaderValue("Bearer", await TokenAsync());
        var events = new List<LoggedEvent>();
        for (var after = ""; ;)
        {
            var page = await http.GetFromJsonAsync<HistoryPage>(
                $"/api/v1/topics/{topic}/events?limit=1000{(after.Length > 0 ? $"&after={Uri.EscapeDataString(after)}" : "")}",
                TestContext.Current.CancellationToken);
            events.AddRange(page!.Events);
            if (!page.HasMore)
            {
                return events;
            }

            after = page.Cursor;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<string> TokenAsync()
    {
        using var answer = await http.PostAsJsonAsync(
            "/auth/dev-token", new { tenant = "demo", user = "operator", scopes = Scopes }, TestContext.Current.CancellationToken);
        var token = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return token.GetProperty("accessToken").GetString()!;
    }

    private sealed record HistoryPage(IReadOnlyList<LoggedEvent> Events, string Cursor, bool HasMore);
}
