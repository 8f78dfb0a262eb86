using System.Text.Json;
using Microsoft.Playwright;

namespace RealtimeHub.EndToEnd.Tests.Harness;

/// <summary>What the hub sent to a page over its WebSockets, in the order in which it came.</summary>
internal sealed class Received
{
    // SignalR ends every JSON message with it.
    private const char RecordSeparator = '\x1e';

    private readonly List<JsonElement> messages = [];
    private readonly Lock gate = new();

    public Received(IPage page) => page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) => Take(frame.Text);

    /// <summary>Everything, as text.</summary>
    public string All => string.Join('\n', Messages().Select(message => message.GetRawText()));

    /// <summary>The position of each snapshot of a topic.</summary>
    public IReadOnlyList<long> Snapshots(string topic) =>
        [.. Of("Snapshot", topic).Select(message => message.GetProperty("state").GetProperty("seq").GetInt64())];

    /// <summary>The events of a topic as they came, repetitions included.</summary>
    public IReadOnlyList<LoggedEvent> Events(string topic) =>
        [.. Of("Events", topic).SelectMany(message => message.GetProperty("events").Deserialize<List<LoggedEvent>>(JsonSerializerOptions.Web)!)];

    private IEnumerable<JsonElement> Of(string method, string topic) =>
        from message in Messages()
        where message.TryGetProperty("target", out var target) && target.GetString() == method
        let body = message.GetProperty("arguments")[0]
        where body.GetProperty("topic").GetString() == topic
        select body;

    private JsonElement[] Messages()
    {
        lock (gate)
        {
            return [.. messages];
        }
    }

    private void Take(string? frame)
    {
        var parts = (frame ?? "").Split(RecordSeparator, StringSplitOptions.RemoveEmptyEntries);
        lock (gate)
        {
            messages.AddRange(parts.Select(part => JsonElement.Parse(part)));
        }
    }
}
