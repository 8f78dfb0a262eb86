using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Presence;
using RealtimeHub.Redis.Tests.Nodes;
using RealtimeHub.TestServers;
using StackExchange.Redis;

namespace RealtimeHub.Redis.Tests.Store;

/// <summary>Nodes that die and a Redis that is away, as the store sees them.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private static readonly PresencePlace Talk = new("acme", Topic.Conversation("talk"));
    private static readonly Subject Ada = Subject.User("ada");
    private static readonly Subject Mia = Subject.User("mia");
    private static readonly PresenceLease Desk = new("desk");

    private readonly RedisServer redis = new();
    private readonly RedisBackplaneOptions options = new();

    private readonly PresenceOptions presence = new() { Grace = TimeSpan.FromMilliseconds(300) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await redis.StartAgainAsync();
        options.Configuration = redis.Address;
        options.NodeLease = TimeSpan.FromSeconds(1);
        options.RefreshEvery = TimeSpan.FromMilliseconds(200);
        options.ProbeEvery = TimeSpan.FromMilliseconds(50);
    }

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    [Fact]
    public async Task Node_ThatIsGone_LeavesNoGhost()
    {
        await using var one = await JoinedAsync();
        await using var another = await JoinedAsync();
        await one.Store.SetAsync(Talk, Ada, Desk, PresenceState.Active, Token);
        await another.Store.SetAsync(Talk, Mia, Desk, PresenceState.Active, Token);
        (await another.Store.ListAsync(Talk, Token)).Should().HaveCount(2);

        // The first looks no more after its lease.
        await another.LapsedAsync(Ada, PresenceState.Offline);

        (await another.Store.ListAsync(Talk, Token)).Should().ContainSingle().Which.Subject.Should().Be(Mia);
    }

    [Fact]
    public async Task Node_ThatIsGone_LeavesNoneOfManyAtOneLook()
    {
        const int Many = 350;
        await using var one = await JoinedAsync();
        await using var another = await JoinedAsync();
        await Task.WhenAll(Enumerable.Range(0, Many).Select(i => one.Store.SetAsync(Talk, Subject.User($"u{i}"), Desk, PresenceState.Active, Token).AsTask()));

        IReadOnlyList<PresenceChange> gone = [];
        await Eventually.IsAsync(async () => (gone = await another.Store.LapseAsync(Token)).Count > 0);

        gone.Should().HaveCount(Many);
        (await another.Store.ListAsync(Talk, Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task Node_ThatIsGone_BeforeItNoticedThatRedisWasEmptied_LeavesNoGhost()
    {
        await using var one = await JoinedAsync();
        await using var another = await JoinedAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},allowAdmin=true");
        await connection.GetServers().Single().FlushAllDatabasesAsync();

        await one.Store.SetAsync(Talk, Ada, Desk, PresenceState.Active, Token);

        await another.LapsedAsync(Ada, PresenceState.Offline);
        (await another.Store.ListAsync(Talk, Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task Node_ThatWasOnlySlow_IsThereAgain()
    {
        await using var one = await JoinedAsync();
        await using var another = await JoinedAsync();
        await one.Store.SetAsync(Talk, Ada, Desk, PresenceState.Away, Token);
        await another.LapsedAsync(Ada, PresenceState.Offline);

        await one.LapsedAsync(Ada, PresenceState.Away);

        (await another.Store.ListAsync(Talk, Token)).Should().ContainSingle().Which.State.Should().Be(PresenceState.Away);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Redis_AwayAndBack_EndsInWhatWasSaidMeanwhile(bool kills)
    {
        await using var one = await JoinedAsync();
        await using var another = await JoinedAsync();
        await one.Store.SetAsync(Talk, Ada, Desk, PresenceState.Active, Token);
        await another.Store.SetAsync(Talk, Mia, Desk, PresenceState.Active, Token);

        await AwayAsync(kills);
        await one.UntilAsync(isUp: false);
        await another.UntilAsync(isUp: false);
        (await one.Store.SetAsync(Talk, Ada, Desk, PresenceState.Away, Token))!.Item.State.Should().Be(PresenceState.Away);
        (await another.Store.EndAsync(Talk, Mia, Desk, TimeSpan.Zero, Token))!.Item.State.Should().Be(PresenceState.Offline);
        (await one.Store.ListAsync(Talk, Token)).Should().ContainSingle().Which.Subject.Should().Be(Ada);
        (await another.Store.ListAsync(Talk, Token)).Should().BeEmpty();

        await BackAsync(kills);
        await one.UntilAsync(isUp: true);
        await another.UntilAsync(isUp: true);
        await one.LapsedAsync(Ada, PresenceState.Away);
        await another.LapsedAsync(Mia, PresenceState.Offline);
        (await another.Store.ListAsync(Talk, Token)).Should().ContainSingle().Which.Subject.Should().Be(Ada);
    }

    [Fact]
    public async Task Redis_AwayAtTheStart_IsThisNodesOwnUntilItIsThere()
    {
        await redis.KillAsync();
        await using var one = await StoreNode.StartAsync(options, presence);
        await using var another = await StoreNode.StartAsync(options, presence);
        (await one.Store.SetAsync(Talk, Ada, Desk, PresenceState.Active, Token)).Should().NotBeNull();
        (await another.Store.ListAsync(Talk, Token)).Should().BeEmpty();

        await redis.StartAgainAsync();
        await one.UntilAsync(isUp: true);
        await another.UntilAsync(isUp: true);
        await one.LapsedAsync(Ada, PresenceState.Active);

        (await another.Store.ListAsync(Talk, Token)).Should().ContainSingle().Which.Subject.Should().Be(Ada);
    }

    [Fact]
    public async Task Redis_Away_KeepsNobodyWaitingTwice()
    {
        await using var one = await JoinedAsync();
        await redis.PauseAsync();
        await one.UntilAsync(isUp: false);
        var began = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < 1_000; i++)
        {
            await one.Store.SetAsync(Talk, Ada, Desk, i % 2 == 0 ? PresenceState.Active : PresenceState.Away, Token);
        }

        TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(options.Timeout);
        await redis.ContinueAsync();
    }

    private async Task AwayAsync(bool kills)
    {
        if (kills)
        {
            await redis.KillAsync();
        }
        else
        {
            await redis.PauseAsync();
        }
    }

    private async Task BackAsync(bool kills)
    {
        if (kills)
        {
            await redis.StartAgainAsync();
        }
        else
        {
            await redis.ContinueAsync();
        }
    }

    private async Task<StoreNode> JoinedAsync()
    {
        var node = await StoreNode.StartAsync(options, presence);
        await node.UntilAsync(isUp: true);
        await node.Store.LapseAsync(Token);
        return node;
    }
}
