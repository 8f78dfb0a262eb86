using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RealtimeHub.Redis.Signals;
using RealtimeHub.Redis.Tests.Nodes;
using RealtimeHub.TestServers;

namespace RealtimeHub.Redis.Tests.Signals;

/// <summary>A hub's manager on a Redis that answers.</summary>
public sealed class BackplaneLifetimeManagerTests(SharedRedis redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Groups_OfAConnectionThatIsGone_AreNoOutage()
    {
        var options = new RedisBackplaneOptions { Configuration = redis.Address, Prefix = $"t{Environment.ProcessId}-gone" };
        var services = new ServiceCollection().AddLogging();
        services.AddSignalR();
        await using var provider = services.BuildServiceProvider();
        using var link = new RedisLink(options, TimeProvider.System, NullLogger<RedisLink>.Instance);
        await link.StartAsync(Token);
        var membership = new BackplaneMembership<AnyHub>(
            link,
            givenUp => ActivatorUtilities.CreateInstance<RedisHubLifetimeManager<AnyHub>>(
                provider, Options.Create(new RedisOptions { ConnectionFactory = log => link.ConnectAsync(log, givenUp) })),
            options, TimeProvider.System, NullLogger.Instance);
        await using var manager = new BackplaneLifetimeManager<AnyHub>(
            ActivatorUtilities.CreateInstance<DefaultHubLifetimeManager<AnyHub>>(provider), membership);
        await Eventually.IsAsync(() => membership.TrySendAsync(_ => Task.CompletedTask)); // it has joined

        await manager.AddToGroupAsync("gone", "talk", Token);
        await manager.RemoveFromGroupAsync("gone", "talk", Token);

        (link.IsUp, link.Generation).Should().Be((true, 1));
        await link.StopAsync(Token);
    }

    private sealed class AnyHub : Hub;
}
