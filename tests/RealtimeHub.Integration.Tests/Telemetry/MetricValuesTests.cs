using System.Globalization;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Restart;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Telemetry;

/// <summary>That metrics count what happened. The instruments are a process's, so the server has one of its own.</summary>
public sealed class MetricValuesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("realtimehub-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Metrics_AfterWhatIsKnown_HaveItsValues()
    {
        await using var server = await ServerProcess.StartAsync(folder);
        var stage = await Stage.SetAsync(server.Address, "acme");
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Events);
        await hub.SubscribeAsync(Stage.Talk);
        foreach (var text in (string[])["a", "b"])
        {
            await stage.SayAsync(text); // one after the other: two frames
            await hub.Received.UntilAsync(r => r.EventsOf(Stage.Talk).FirstOrDefault(e => (string?)e["data"]!["text"] == text));
        }

        (await stage.Mia.Api.GetAsync("/api/v1/conversations/other")).Problem(404, "not_found");
        (await stage.Mia.Api.PostAsync("/api/v1/conversations", "{}")).Problem(400, "invalid_request");
        await hub.SubscribeAsync("conversation:other");
        await hub.SubscribeAsync("conversation:another");
        await hub.SubscribeAsync("tenant:acme");

        (string Name, string[] Tags, double Value)[] known =
        [
            ("realtimehub_request_denials_total", ["NotFound", "Http"], 1), ("realtimehub_request_denials_total", ["InvalidRequest", "Http"], 1),
            ("realtimehub_request_denials_total", ["NotFound", "EventsHub"], 2), ("realtimehub_request_denials_total", ["Forbidden", "EventsHub"], 1),
            ("realtimehub_request_denials_total", [], 5),
            ("realtimehub_delivery_batch_size_count", [], 2), ("realtimehub_delivery_batch_size_sum", [], 2),
            ("realtimehub_delivery_delay_seconds_count", [], 2), ("realtimehub_delivery_lag_seconds_count", [], 2),
            ("realtimehub_delivery_events_total", [], 2), ("realtimehub_subscriptions", [], 1),
            ("realtimehub_connections", ["idle"], 1), ("realtimehub_connections", ["writing"], 0), ("realtimehub_connections", ["busy"], 0),
        ];
        var expected = known.Select(k => $"{k.Name} {string.Join(' ', k.Tags)} {k.Value}").ToList();
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        List<string> shown;
        do
        {
            // A dispatch is measured after its write, and the exporter answers for 300 ms what it answered before.
            var text = await TextAsync(server.Address);
            shown = [.. known.Select(k => $"{k.Name} {string.Join(' ', k.Tags)} {ValueOf(text, k.Name, k.Tags)}")];
        }
        while (!shown.SequenceEqual(expected) && !deadline.IsCancellationRequested);

        shown.Should().Equal(expected);
    }

    /// <summary>The sum of a metric's series that have all these tags' values.</summary>
    private static double ValueOf(string text, string name, string[] tags) => text.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is '{' or ' '
            && tags.All(t => line.Contains($"=\"{t}\"", StringComparison.Ordinal)))
        .Sum(line => double.Parse(SampleOf(line), CultureInfo.InvariantCulture));

    // name{tags} value [time]; none of these tags has a blank in it
    private static string SampleOf(string line) => line.Split(' ')[1];

    private static async Task<string> TextAsync(Uri address)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(address, "/metrics"), TestContext.Current.CancellationToken);
    }
}
