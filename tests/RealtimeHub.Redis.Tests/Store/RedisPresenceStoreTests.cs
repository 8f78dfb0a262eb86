using RealtimeHub.Core.Features.Presence;
using RealtimeHub.Specification;
using RealtimeHub.Specification.Presence;
using RealtimeHub.TestServers;

namespace RealtimeHub.Redis.Tests.Store;

public sealed class RedisPresenceStoreTests(SharedRedis redis) : PresenceStoreSpecification
{
    private static int count;

    protected override async ValueTask<IPresenceHarness> CreateAsync()
    {
        // Redis has its own clock: here presence lasts no longer than a test can wait.
        var presence = new PresenceOptions
        {
            Grace = TimeSpan.FromMilliseconds(400), HttpLease = TimeSpan.FromMilliseconds(400), TypingTime = TimeSpan.FromMilliseconds(400),
        };
        var options = new RedisBackplaneOptions
        {
            Configuration = redis.Address, Prefix = $"t{Environment.ProcessId}-{Interlocked.Increment(ref count)}",
        };
        var nodes = new TwoNodes(await StoreNode.StartAsync(options, presence), await StoreNode.StartAsync(options, presence), presence);
        await nodes.JoinedAsync();
        return nodes;
    }

    private sealed class TwoNodes(StoreNode one, StoreNode another, PresenceOptions presence) : IPresenceHarness
    {
        public IPresenceStore Store => one.Store;

        public IPresenceStore Other => another.Store;

        public PresenceOptions Options => presence;

        public async Task JoinedAsync()
        {
            await one.UntilAsync(isUp: true);
            await another.UntilAsync(isUp: true);
            await one.Store.LapseAsync(TestContext.Current.CancellationToken);
            await another.Store.LapseAsync(TestContext.Current.CancellationToken);
        }

        public async ValueTask PassAsync(TimeSpan time) => await Task.Delay(time, TimeProvider.System, TestContext.Current.CancellationToken);

        public async ValueTask<IReadOnlyList<PresenceChange>> LapseAsync(TimeSpan time)
        {
            using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
            while (true)
            {
                IReadOnlyList<PresenceChange> changes = [.. await another.Store.LapseAsync(deadline.Token), .. await one.Store.LapseAsync(deadline.Token)];
                if (changes.Count > 0)
                {
                    return changes;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, deadline.Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await one.DisposeAsync();
            await another.DisposeAsync();
        }
    }
}
