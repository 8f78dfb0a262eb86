using System.Text.Json;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>Many watchers of one conversation, spread over the nodes.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Watcher[] watchers;

    public Crowd(ServerCluster cluster, Person person, int size, int seed)
        : this([.. cluster.Nodes.Select(n => n.Address)], person, size, seed, negotiates: _ => false)
    {
    }

    public Crowd(Uri[] addresses, Person person, int size, int seed, Func<int, bool> negotiates)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        watchers = [.. Enumerable.Range(0, size).Select(i => new Watcher(addresses, person.Token, ServerCluster.Talk, i, seed + i, negotiates(i)))];
    }

    public Task LiveAsync() => Task.WhenAll(watchers.Select(w => w.Live)).WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>How often they had to connect, all together.</summary>
    public int Connections => watchers.Sum(w => w.Connections);

    /// <summary>Compares what each one saw with the log, as <see cref="SeenHistory"/> does.</summary>
    public async Task CheckAsync(Person person)
    {
        var log = await person.HistoryAsync(ServerCluster.Talk);
        var states = log.Select(e => Seen.Of(JsonSerializer.SerializeToElement(e))).Where(e => e.IsState).ToList();
        foreach (var watcher in watchers)
        {
            await watcher.SawAsync(states[^1].Sequence, Patience);
        }

        foreach (var watcher in watchers)
        {
            watcher.Broken.Should().BeNull();
            SeenHistory.FaultIn(watcher.Events, states).Should().BeNull();
        }

        watchers.Should().Contain(w => w.Events.Any(e => !e.IsState), "else no delta was looked at");
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(watchers.Select(w => w.DisposeAsync().AsTask()));
}
