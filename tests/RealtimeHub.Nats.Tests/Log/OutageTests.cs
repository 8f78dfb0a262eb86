using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.Specification.Log;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>A nats-server that dies, or stands still, and comes back.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private NatsServer server = null!;
    private Deployment deployment = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic { get; } = TestEvents.Topic();

    private NatsEventLogUnderTest Log => new(deployment.Log);

    public async ValueTask InitializeAsync()
    {
        server = await NatsServer.StartAsync();
        deployment = new Deployment(server.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await deployment.Backbone.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Killed_WhatWasAcknowledgedIsThere_AndTheTailGoesOn()
    {
        var acknowledged = new List<string>();
        await using var tail = new TailReader(deployment.Log, 0);
        for (var i = 0; i < 100; i++)
        {
            await Log.StoreAsync($"before-{i}");
            acknowledged.Add($"before-{i}");
        }

        await server.KillAsync();
        await Log.RefusedAsync("while");
        await server.StartAgainAsync();
        acknowledged.AddRange(await Log.StoreWhenItIsBackAsync("after"));

        var events = await deployment.Log.ReadAsync(Topic, new LogRange(1_000), Token);
        events.Select(e => e.Id).Where(id => id != "while").Should().Equal(acknowledged);
        events.Should().OnlyHaveUniqueItems(e => e.Id); // what was refused may be stored: its outcome was not known
        (await tail.TakeAsync(events.Count)).Select(e => e.Id).Should().Equal(events.Select(e => e.Id));
    }

    [Fact]
    public async Task StandingStill_IsUnavailableInTime_AndGoesOnByItself()
    {
        await Log.StoreAsync("before");
        await server.PauseAsync();

        await Log.RefusedAsync("while");
        await server.ContinueAsync();
        await Log.StoreWhenItIsBackAsync("after");

        // What was not known to be stored may be, once.
        var ids = (await deployment.Log.ReadAsync(Topic, new LogRange(1_000), Token)).Select(e => e.Id).ToList();
        ids.Should().OnlyHaveUniqueItems().And.ContainInOrder("before", "after");
    }

    [Fact]
    public async Task AwayAtTheStart_IsUnavailableUntilItIsThere()
    {
        await server.KillAsync();
        await deployment.OpenAgainAsync();
        await Log.RefusedAsync("while");

        await server.StartAgainAsync();

        await Log.StoreWhenItIsBackAsync("after");
    }

    [Fact]
    public async Task AwayAtTheStart_WhoeverAsks_IsAnsweredAtOnce()
    {
        await server.KillAsync();
        await deployment.OpenAgainAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Log.RefusedAsync($"while-{i}")));
    }

    // Of what was deleted meanwhile there may be nothing left that says so.
    [Fact]
    public async Task AwayForLong_WhoFollowsDocuments_BeginsAnew()
    {
        await deployment.Backbone.DisposeAsync();
        deployment = new Deployment(new NatsStorageOptions { Url = server.Url, LongestGap = TimeSpan.Zero });
        await using var watch = await deployment.Documents.WatchAsync("", Token);
        await watch.WaitAsync(Token);
        watch.TryRead(out var ready).Should().BeTrue();
        ready!.IsReady.Should().BeTrue();
        var next = watch.WaitAsync(Token).AsTask();

        await server.KillAsync();
        await server.StartAgainAsync();

        await FluentActions.Awaiting(() => Deadline.Within(next)).Should().ThrowAsync<LogUnavailableException>();
    }

    private sealed class NatsEventLogUnderTest(IEventLog log)
    {
        // A command must be answered within 2 s; the rest is for a loaded machine.
        private static readonly TimeSpan Answer = TimeSpan.FromSeconds(10);

        public async Task StoreAsync(string id) =>
            (await log.AppendAsync(Topic, [TestEvents.State(id)], null, Token)).Status.Should().Be(AppendStatus.Stored);

        public async Task RefusedAsync(string id) =>
            await FluentActions.Awaiting(() => log.AppendAsync(Topic, [TestEvents.State(id)], null, Token).AsTask().WaitAsync(Answer, TimeProvider.System, Token))
                .Should().ThrowAsync<LogUnavailableException>();

        public async Task<string[]> StoreWhenItIsBackAsync(string id)
        {
            using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
            while (true)
            {
                try
                {
                    await StoreAsync(id);
                    return [id];
                }
                catch (LogUnavailableException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
                }
            }
        }
    }
}
