using System.Reflection;
using System.Text.RegularExpressions;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Telemetry;

/// <summary>What <c>/metrics</c> shows and what docs/operations.md lists are the same.</summary>
public sealed partial class MetricsTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    // Nothing of the kind happens to a good client, without services on a backbone, or on a node by itself.
    private static readonly string[] Rare = ["realtimehub_delivery_slow_consumers_total", "realtimehub_log_skipped_total", "realtimehub_backplane_up"];

    [Fact]
    public async Task Metrics_AfterSomeTraffic_AreThoseOfTheDocumentation()
    {
        var stage = await Stage.SetAsync(server);
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events);
        await hub.SubscribeAsync(Stage.Talk);
        await stage.SayAsync("x");
        await hub.Received.EventAsync(Stage.Talk, EventTypes.MessageCreated);
        (await stage.Mia.Api.GetAsync("/api/v1/conversations/other")).Problem(404, "not_found");

        var text = await TextAsync();

        var shown = TypeLine().Matches(text).Select(m => m.Groups["name"].Value).Distinct().ToList();
        var documented = DocumentedName().Matches(await DocumentationAsync()).Select(m => m.Groups["name"].Value).ToList();
        documented.Should().OnlyHaveUniqueItems();
        shown.Should().BeSubsetOf(documented);
        documented.Except(shown).Should().BeSubsetOf(Rare);
        foreach (var duration in shown.Where(n => n.EndsWith("_seconds", StringComparison.Ordinal)))
        {
            text.Should().MatchRegex($"{duration}_bucket\\{{[^}}]*le=\"0.005\"", "durations are looked at below a second");
        }

        text.Should().MatchRegex("realtimehub_request_duration_seconds_count\\{[^}]*outcome=\"Ok\"[^}]*request=\"SendMessage\"[^}]*surface=\"Http\"");
        text.Should().NotContain(stage.Tenant).And.NotContain("olga").And.NotContain("conversation:talk");
    }

    private async Task<string> TextAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(server.Address, "/metrics"), TestContext.Current.CancellationToken);
    }

    private static Task<string> DocumentationAsync()
    {
        var scripts = typeof(MetricsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "StockJavaScriptClient").Value!;
        return File.ReadAllTextAsync(Path.Combine(scripts, "..", "..", "..", "docs", "operations.md"), TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("^# TYPE (?<name>realtimehub_\\w+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex TypeLine();

    [GeneratedRegex("^\\| `(?<name>realtimehub_\\w+)` \\|", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex DocumentedName();
}
