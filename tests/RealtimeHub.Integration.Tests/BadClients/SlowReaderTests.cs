using System.Text;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>Clients that read nothing, or next to nothing.</summary>
[Collection(BadClientsCollection.Name)]
public sealed class SlowReaderTests(BadClientsServer fixture)
{
    private const string Flood = "conversation:flood";

    // The smallest that the kernel gives: so the server's side fills up soon.
    private const int SmallBuffer = 4096;

    [Fact]
    public async Task NeverReads_IsEndedAsSlow_AndResumesByCursor()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        var last = await crowd.FloodAsync();
        using var peer = await StallAsync(crowd, out var connecting);
        var connection = await connecting;

        var pings = peer.PingUntilAsync(connection.Gone);
        await Deadline.Within(connection.ToldSlow);
        await Deadline.Within(connection.Gone);
        await pings;

        await ResumesAsync(crowd.Mallory, peer, last);
        await crowd.NoticesNothingAsync();
    }

    [Fact]
    public async Task ReadsAByteASecond_IsEndedAsSlow_AndResumesByCursor()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        var last = await crowd.FloodAsync();
        using var peer = await StallAsync(crowd, out var connecting);
        var connection = await connecting;

        var pings = peer.PingUntilAsync(connection.Gone);
        var reading = ReadSlowlyAsync(peer, bytes: 1, TimeSpan.FromSeconds(1), connection.Gone);
        await Deadline.Within(connection.ToldSlow);
        await Deadline.Within(connection.Gone);
        await Task.WhenAll(pings, reading);

        await ResumesAsync(crowd.Mallory, peer, last);
        await crowd.NoticesNothingAsync();
    }

    [Fact]
    public async Task ReadsSlowlyButSteadily_IsLetBe_AndGetsEverything()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        var last = await crowd.FloodAsync();
        using var peer = await StallAsync(crowd, out var connecting, receiveBuffer: 64 * 1024);
        var connection = await connecting;
        using var enough = new CancellationTokenSource(3 * BadClientsServer.ProgressTimeout, TimeProvider.System);
        var whole = new TaskCompletionSource();
        await using var registration = enough.Token.Register(whole.SetResult);

        // 200 KB/s: a frame takes a third of a second, everything would take a minute.
        var pings = peer.PingUntilAsync(whole.Task);
        await ReadSlowlyAsync(peer, bytes: 4 * 1024, TimeSpan.FromMilliseconds(20), whole.Task);
        await pings;
        connection.Gone.IsCompleted.Should().BeFalse();
        (await peer.ReadUntilAsync(Encoding.ASCII.GetBytes($"\"seq\":{last},"))).Should().BeTrue();

        connection.ToldSlow.IsCompleted.Should().BeFalse();
        var log = (await crowd.Mallory.HistoryAsync(Flood)).Select(Stage.SequenceOf);
        EventsOf(peer.Messages()).Select(Stage.SequenceOf).Should().Equal(log);
        await crowd.NoticesNothingAsync();
    }

    /// <summary>Subscribes mallory to the flood and to what everybody watches, and reads nothing of it.</summary>
    private Task<RawPeer> StallAsync(Crowd crowd, out Task<WatchedConnection> connection, int receiveBuffer = SmallBuffer)
    {
        connection = fixture.Watch.NextAsync();
        return StallAsync(crowd.Mallory, receiveBuffer);
    }

    private static async Task<RawPeer> StallAsync(Person mallory, int receiveBuffer)
    {
        var peer = await RawPeer.ConnectAsync(mallory, HubPaths.Events, receiveBuffer);
        await peer.SendAsync($$$"""
            {"type":1,"target":"Subscribe","arguments":[{"subscriptions":[{"topic":"{{{Stage.Talk}}}","from":"earliest"},{"topic":"{{{Flood}}}","from":"earliest"}]}]}
            """);
        return peer;
    }

    private static async Task ReadSlowlyAsync(RawPeer peer, int bytes, TimeSpan pause, Task end)
    {
        using var pace = new PeriodicTimer(pause, TimeProvider.System);
        while (!end.IsCompleted && await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken) && await peer.ReadAsync(bytes))
        {
        }
    }

    /// <summary>Comes back with a cursor of what reached the peer, and has everything once.</summary>
    private static async Task ResumesAsync(Person mallory, RawPeer peer, long last)
    {
        await peer.ReadToEndAsync(); // what lay in between when the connection ended
        var messages = peer.Messages();
        var before = EventsOf(messages).Select(Stage.SequenceOf).ToList();
        var cursor = (string?)messages.LastOrDefault(m => IsEventsOf(m, Flood))?["arguments"]![0]!["cursor"];
        before.Should().NotContain(last, "it did not read");

        await using var back = await mallory.ConnectAsync(HubPaths.Events);
        var outcome = await back.SubscribeAsync(Flood, cursor is null ? "earliest" : "cursor", cursor);
        await back.Received.EventAsync(Flood, e => Stage.SequenceOf(e) == last);

        ((string?)outcome["status"]).Should().Be(cursor is null ? "ok" : "resumed");
        var log = (await mallory.HistoryAsync(Flood)).Select(Stage.SequenceOf);
        before.Concat(back.Received.EventsOf(Flood).Select(Stage.SequenceOf)).Should().Equal(log);
    }

    private static IEnumerable<JsonObject> EventsOf(IEnumerable<JsonObject> messages) =>
        messages.Where(m => IsEventsOf(m, Flood)).SelectMany(m => m["arguments"]![0]!["events"]!.AsArray()).Select(e => e!.AsObject());

    private static bool IsEventsOf(JsonObject message, string topic) =>
        (string?)message["target"] == "Events" && (string?)message["arguments"]![0]!["topic"] == topic;
}
