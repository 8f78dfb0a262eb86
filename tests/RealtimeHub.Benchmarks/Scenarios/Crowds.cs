using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>The same crowd for each system: everybody at the one topic of an order.</summary>
internal sealed class Crowds : IDisposable
{
    private readonly Dictionary<MeasuredSystem, Crowd> crowds = [];

    public Crowd this[MeasuredSystem system] => crowds[system];

    public static async Task<Crowds> ConnectAsync(Bench bench, IEnumerable<MeasuredSystem> systems, FeedOrder order, int subscribers)
    {
        var made = new Crowds();
        foreach (var system in systems)
        {
            await system.PrepareAsync(order.Prefix, order.Topics);
            made.crowds.Add(system, await Crowd.ConnectAsync(bench.Loop, system.Plans([FeedOrder.TopicName(order.Prefix, 0)], subscribers)));
        }

        return made;
    }

    public void Dispose()
    {
        foreach (var crowd in crowds.Values)
        {
            crowd.Dispose();
        }
    }
}
