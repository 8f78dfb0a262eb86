using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests;

public sealed class ConnectionTests : IAsyncLifetime
{
    private FakeServer server = null!;

    public async ValueTask InitializeAsync() => server = await FakeServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task ConnectAsync_ServerNotThereYet_TriesUntilItIs()
    {
        await server.GoAwayAsync();
        await using var client = server.ClientOf();
        var failed = new Signal();
        var retries = 0;
        client.StateChanged += (_, change) =>
        {
            retries += change.RetryIn is null ? 0 : 1;
            failed.Set();
        };

        var connecting = client.ConnectAsync(TestContext.Current.CancellationToken);
        await failed.UntilAsync(() => retries >= 6); // stock clients try the first start once, and a lost connection four times
        await server.ComeBackAsync();
        await connecting.InTime();

        client.State.Should().Be(ConnectionState.Connected);
    }

    [Fact]
    public async Task Reconnect_ServerStaysAway_WaitsLongerEachTimeOnTheGivenClock()
    {
        await server.GoAwayAsync();
        var time = new FakeTimeProvider();
        var waits = new ConcurrentQueue<TimeSpan>();
        var waited = new Signal();
        await using var client = new RealtimeHubClient(Clients.OptionsFor(server) with
        {
            TimeProvider = time,
            Jitter = () => 1,
            ReconnectBaseDelay = TimeSpan.FromSeconds(1),
            ReconnectMaxDelay = TimeSpan.FromSeconds(10),
        });
        client.StateChanged += (_, change) =>
        {
            if (change.RetryIn is { } wait)
            {
                waits.Enqueue(wait);
                waited.Set();
            }
        };

        _ = client.ConnectAsync(TestContext.Current.CancellationToken);
        for (var n = 1; n <= 6; n++)
        {
            await waited.UntilAsync(() => waits.Count == n);
            time.Advance(TimeSpan.FromSeconds(10));
        }

        waits.Take(6).Select(w => w.TotalSeconds).Should().Equal(1, 2, 4, 8, 10, 10);
    }

    [Fact]
    public async Task Reconnect_EachTime_AsksForANewTokenAndFollowsTheTicket()
    {
        var asked = 0;
        await using var client = new RealtimeHubClient(Clients.OptionsFor(server) with
        {
            AccessTokenProvider = _ => ValueTask.FromResult($"jwt{Interlocked.Increment(ref asked)}"),
        });
        await client.ConnectAsync(TestContext.Current.CancellationToken).InTime();
        await server.Changed.UntilAsync(() => server.ConnectionCount == 1);

        server.DropConnections();
        await server.Changed.UntilAsync(() => server.Tokens.Count >= 2);

        server.Tokens.Take(2).Should().Equal("jwt1", "jwt2");
    }

    [Fact]
    public async Task Closing_ReconnectFalse_EndsSubscriptionsAndStaysAwayUntilAsked()
    {
        await using var client = server.ClientOf();
        await using var reading = new Reading(client, "conversation:c1", SubscribeFrom.Snapshot);
        await reading.NextAsync<SnapshotReceived>();

        await server.SendAsync(nameof(IEventsClient.Closing), new ClosingMessage(ClosingCode.Revoked, "sessions revoked", false, 0));
        server.CloseConnections();

        (await reading.NextAsync<SubscriptionEnded>()).Should()
            .Be(new SubscriptionEnded("conversation:c1", SubscriptionEnd.Closed, "sessions revoked"));
        client.State.Should().Be(ConnectionState.Closed);
        server.Tokens.Should().HaveCount(1);

        await client.ConnectAsync(TestContext.Current.CancellationToken).InTime();
        client.State.Should().Be(ConnectionState.Connected);
    }

    [Fact]
    public async Task Closing_ReconnectAfter_WaitsAsLongAsTheServerSays()
    {
        var changes = new ConcurrentQueue<ConnectionStateChangedEventArgs>();
        var changed = new Signal();
        await using var client = new RealtimeHubClient(Clients.OptionsFor(server) with { Jitter = () => 0 });
        client.StateChanged += (_, change) =>
        {
            changes.Enqueue(change);
            changed.Set();
        };
        await client.ConnectAsync(TestContext.Current.CancellationToken).InTime();
        await server.Changed.UntilAsync(() => server.ConnectionCount == 1);

        await server.SendAsync(nameof(IEventsClient.Closing), new ClosingMessage(ClosingCode.Draining, "shutting down", true, 30));
        server.CloseConnections();
        await changed.UntilAsync(() => changes.Count(c => c.State == ConnectionState.Connected) == 2);

        var lost = changes.Single(c => c.State == ConnectionState.Reconnecting);
        lost.Closing.Should().NotBeNull($"the connection ended by: {lost.Error}; {server.ConnectionCount}");
        lost.RetryIn.Should().Be(TimeSpan.FromMilliseconds(30));
        lost.Closing!.Code.Should().Be(ClosingCode.Draining);
    }

    [Fact]
    public async Task StateChanged_HandlerThrows_DoesNotEndTheConnection()
    {
        await using var client = server.ClientOf();
        client.StateChanged += (_, _) => throw new InvalidOperationException("not the client's fault");

        await client.ConnectAsync(TestContext.Current.CancellationToken).InTime();

        client.State.Should().Be(ConnectionState.Connected);
    }

    [Fact]
    public async Task DisposeAsync_WhileOthersWait_LetsThemGo()
    {
        await server.GoAwayAsync();
        var client = server.ClientOf(HubKind.Operator);
        var command = client.SendMessageAsync(new SendMessage { ConversationId = "c1", Text = "hello" }, TestContext.Current.CancellationToken);
        await using var reading = new Reading(client, "conversation:c1", SubscribeFrom.Latest);
        var next = reading.NextAsync();

        await client.DisposeAsync();

        await FluentActions.Awaiting(() => command.InTime()).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(() => next.InTime()).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task GetSnapshotAsync_Answers_StateOrTheErrorOfTheProblem()
    {
        server.Refusals["conversation:hidden"] = SubscribeStatus.NotFound;
        await using var client = server.ClientOf();

        var shown = await client.GetSnapshotAsync("conversation:c1", TestContext.Current.CancellationToken).InTime();
        var hidden = await client.GetSnapshotAsync("conversation:hidden", TestContext.Current.CancellationToken).InTime();

        shown.Value!.State.GetProperty("title").GetString().Should().Be("a title");
        hidden.Error!.Code.Should().Be(ErrorCode.NotFound);
    }
}
