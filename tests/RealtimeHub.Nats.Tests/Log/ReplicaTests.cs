using NATS.Client.JetStream.Models;
using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>Three servers that keep everything three times: the one that leads is killed, and told to step down, while events are appended.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private NatsServerCluster cluster = null!;
    private Deployment deployment = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic { get; } = TestEvents.Topic();

    public async ValueTask InitializeAsync()
    {
        // Servers that start at one moment now and then elect a leader that places no stream for minutes (one start in some sixty with 2.10.27,
        // none of ours involved): then others are started.
        if (await BeginAsync() is not null && await BeginAsync() is { } failure)
        {
            throw failure;
        }
    }

    private async Task<Exception?> BeginAsync()
    {
        cluster = await NatsServerCluster.StartAsync();
        deployment = new Deployment(cluster.Url, replicas: 3);
        try
        {
            await AppendAsync("first"); // they have to find each other
            return null;
        }
        catch (Exception e)
        {
            var logs = cluster.Logs;
            await DisposeAsync(); // nobody else does, where the beginning fails
            return new InvalidOperationException($"The servers did not begin:\n{logs}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await deployment.Backbone.DisposeAsync();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task LeaderKilledAndSteppedDown_UnderLoad_NothingIsLostAndTheTailGoesOn()
    {
        (await StreamAsync()).Config.NumReplicas.Should().Be(3);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var acknowledged = new List<string> { "first" };
        var writing = WriteAsync(acknowledged, ended.Token);
        var following = FollowAsync(200); // through all of it

        await WroteAsync(acknowledged, 50);
        var leader = await LeaderAsync();
        await cluster.KillAsync(leader);
        await WroteAsync(acknowledged, 50);
        await cluster.StartAgainAsync(leader);
        await WroteAsync(acknowledged, 50);
        var stepped = await deployment.Backbone.JetStream.Connection.RequestAsync<string, string>(
            $"$JS.API.STREAM.LEADER.STEPDOWN.{deployment.Backbone.Subjects.Stream}", "", cancellationToken: Token);
        stepped.Data.Should().Contain("\"success\":true");
        await WroteAsync(acknowledged, 50);

        await ended.CancelAsync();
        await writing;
        var read = await HistoryAsync();
        read.Should().OnlyHaveUniqueItems().And.StartWith(acknowledged); // the one under way at the end may be there, too
        (await FollowAsync(read.Count)).Should().Equal(read);
        (await following).Should().StartWith(acknowledged.Take(200));
    }

    [Fact]
    public async Task Appends_OnTheSameExpectationAtOnce_OneWins()
    {
        var (expected, winners) = ((await deployment.Log.GetHeadAsync(Token)).LastSequence, new List<string> { "first" });
        for (var round = 0; round < 50; round++)
        {
            var rivals = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => TryAppendAsync($"event-{round}-{i}", expected)));

            var won = rivals.Single(r => r.Result.Status == AppendStatus.Stored);
            won.Result.Duplicates.Should().Be(0);
            winners.Add(won.Id);
            expected = won.Result.LastSequence;
        }

        (await HistoryAsync()).Should().Equal(winners);

        async Task<(string Id, AppendResult Result)> TryAppendAsync(string id, long on) =>
            (id, await deployment.Log.AppendAsync(Topic, [TestEvents.State(id)], on, Token));
    }

    [Fact]
    public async Task Documents_WrittenOnTheSameRevisionAtOnce_OneWins()
    {
        var revision = 0L;
        for (var round = 0; round < 50; round++)
        {
            var rivals = await Task.WhenAll(Enumerable.Range(0, 8).Select(
                i => deployment.Documents.PutAsync("lease", new[] { (byte)i }, revision, Token).AsTask()));

            var winner = rivals.Index().Single(r => r.Item is not null);
            revision = winner.Item!.Value;
            var stored = await deployment.Documents.GetAsync("lease", Token);
            (stored!.Revision, stored.Value.Span[0]).Should().Be((revision, (byte)winner.Index));
        }
    }

    [Fact]
    public async Task WithoutAMajority_IsUnavailable_AndStoredOnceInTheEnd()
    {
        var leader = await LeaderAsync();
        var others = Enumerable.Range(0, 3).Where(i => i != leader).ToArray();
        await Task.WhenAll(others.Select(cluster.PauseAsync));

        await FluentActions.Awaiting(() => deployment.Log.AppendAsync(Topic, [TestEvents.State("held")], 1, Token).AsTask())
            .Should().ThrowAsync<LogUnavailableException>(); // each attempt finds the first one on its way

        await Task.WhenAll(others.Select(cluster.ContinueAsync));
        await AppendAsync("held");
        (await HistoryAsync()).Should().Equal("first", "held");
    }

    private async Task WriteAsync(List<string> acknowledged, CancellationToken ended)
    {
        for (var i = 0; !ended.IsCancellationRequested; i++)
        {
            await AppendAsync($"event-{i}");
            lock (acknowledged)
            {
                acknowledged.Add($"event-{i}");
            }
        }
    }

    // What is not known to be stored is appended again, under the same id.
    private async Task AppendAsync(string id)
    {
        using var deadline = new CancellationTokenSource(2 * Deadline.Length, TimeProvider.System);
        while (true)
        {
            try
            {
                (await deployment.Log.AppendAsync(Topic, [TestEvents.State(id)], null, deadline.Token)).Status.Should().Be(AppendStatus.Stored);
                return;
            }
            catch (LogUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
            }
        }
    }

    private static async Task WroteAsync(List<string> acknowledged, int more)
    {
        using var deadline = new CancellationTokenSource(2 * Deadline.Length, TimeProvider.System);
        var goal = Count() + more;
        while (Count() < goal)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }

        int Count()
        {
            lock (acknowledged)
            {
                return acknowledged.Count;
            }
        }
    }

    /// <summary>The first events, as a node follows the log: from where it was when the log did not answer.</summary>
    private async Task<List<string>> FollowAsync(int events)
    {
        var (ids, after) = (new List<string>(), 0L);
        using var deadline = new CancellationTokenSource(3 * Deadline.Length, TimeProvider.System);
        while (true)
        {
            try
            {
                await foreach (var batch in deployment.Log.TailAsync(after, deadline.Token))
                {
                    ids.AddRange(batch.Select(e => e.Id));
                    after = batch[^1].Sequence;
                    if (ids.Count >= events)
                    {
                        return ids;
                    }
                }
            }
            catch (LogUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
            }
        }
    }

    private async Task<List<string>> HistoryAsync()
    {
        var (ids, after) = (new List<string>(), 0L);
        using var deadline = new CancellationTokenSource(2 * Deadline.Length, TimeProvider.System);
        while (true)
        {
            try
            {
                var page = await deployment.Log.ReadAsync(Topic, new LogRange(1_000, after), deadline.Token);
                ids.AddRange(page.Select(e => e.Id));
                if (!page.HasMore)
                {
                    return ids;
                }

                after = page[^1].Sequence;
            }
            catch (LogUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token); // a server that came back a moment ago
            }
        }
    }

    private async Task<StreamInfo> StreamAsync() => await deployment.Backbone.GetStreamAsync(Token);

    private async Task<int> LeaderAsync()
    {
        var name = (await StreamAsync()).Cluster!.Leader!;
        return Enumerable.Range(0, 3).Single(i => NatsServerCluster.NameOf(i) == name);
    }
}
