using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Presence;
using RealtimeHub.TestServers;
using StackExchange.Redis;

namespace RealtimeHub.Redis.Tests.Store;

/// <summary>A Redis that answers and takes no writes: it is full, or lacks the replicas that it is to have.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private static readonly PresencePlace Talk = new("acme", Topic.Conversation("talk"));
    private static readonly Subject Ada = Subject.User("ada");
    private static readonly Subject Mia = Subject.User("mia");
    private static readonly PresenceLease Desk = new("desk");

    private readonly RedisServer redis = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await redis.StartAgainAsync();

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    [Theory]
    [InlineData("maxmemory")]
    [InlineData("min-replicas-to-write")]
    public async Task Redis_ThatRefusesWrites_IsNotAway_AndIsToldWhenItTakesThem(string setting)
    {
        await using var one = await JoinedAsync();
        await using var another = await JoinedAsync();
        await one.Store.SetAsync(Talk, Ada, Desk, PresenceState.Active, Token);
        await another.Store.SetAsync(Talk, Mia, Desk, PresenceState.Active, Token);
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},allowAdmin=true");
        var server = connection.GetServers().Single();
        await server.ConfigSetAsync(setting, "1");

        (await one.Store.SetAsync(Talk, Ada, Desk, PresenceState.Away, Token))!.Item.State.Should().Be(PresenceState.Away);
        (await another.Store.EndAsync(Talk, Mia, Desk, TimeSpan.Zero, Token))!.Item.State.Should().Be(PresenceState.Offline);
        for (var i = 0; i < 10; i++)
        {
            await one.Store.LapseAsync(Token);
            await another.Store.LapseAsync(Token);
            (await one.Store.ListAsync(Talk, Token)).Should().ContainSingle().Which.Subject.Should().Be(Ada);
            (await another.Store.ListAsync(Talk, Token)).Should().BeEmpty();
        }

        foreach (var node in new[] { one, another })
        {
            (node.IsUp, node.Generation, node.Status).Should().Be((true, 1, PartStatus.Unavailable));
            node.Warnings.Should().ContainSingle();
        }

        await server.ConfigSetAsync(setting, "0");
        await one.LapsedAsync(Ada, PresenceState.Away);
        await another.LapsedAsync(Mia, PresenceState.Offline);
        (await another.Store.ListAsync(Talk, Token)).Should().ContainSingle().Which.State.Should().Be(PresenceState.Away);
        foreach (var node in new[] { one, another })
        {
            (node.IsUp, node.Generation, node.Status).Should().Be((true, 1, PartStatus.Ok));
            node.Warnings.Should().ContainSingle();
        }
    }

    private async Task<StoreNode> JoinedAsync()
    {
        var options = new RedisBackplaneOptions { Configuration = redis.Address, ProbeEvery = TimeSpan.FromMilliseconds(50) };
        var node = await StoreNode.StartAsync(options, new PresenceOptions());
        await node.UntilAsync(isUp: true);
        await node.Store.LapseAsync(Token);
        return node;
    }
}
