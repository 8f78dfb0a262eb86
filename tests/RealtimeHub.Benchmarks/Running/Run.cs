using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>What one feed to one crowd gave.</summary>
/// <param name="Events">How many were published.</param>
/// <param name="Deliveries">How many were received, of <paramref name="Expected"/>.</param>
/// <param name="Expected">How many there should have been.</param>
/// <param name="Seconds">From the order to the last delivery.</param>
/// <param name="ServerCpu">CPU seconds of the server, or of all its nodes.</param>
/// <param name="BackboneCpu">CPU seconds of what is behind the nodes.</param>
/// <param name="ClientCpu">CPU seconds of the driver.</param>
/// <param name="OtherShare">The share of the machine that others had: numbers beside a large one are worth little.</param>
internal sealed record Run(long Events, long Deliveries, long Expected, double Seconds, double ServerCpu, double BackboneCpu, double ClientCpu, double OtherShare)
{
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    public double PerSecond => Deliveries / Seconds;

    public double ServerMicrosecondsPerDelivery => ServerCpu * 1e6 / Deliveries;

    public double ClientMicrosecondsPerDelivery => ClientCpu * 1e6 / Deliveries;

    public double BackboneMicrosecondsPerEvent => BackboneCpu * 1e6 / Events;

    public double ServerMicrosecondsPerEvent => ServerCpu * 1e6 / Events;

    public long Lost => Expected - Deliveries;

    public override string ToString() =>
        $"{Events} events, {Deliveries} of {Expected} deliveries in {Seconds:0.00} s; CPU: server {ServerCpu:0.00} s, backbone {BackboneCpu:0.00} s, clients {ClientCpu:0.00} s, others {OtherShare:p0}";

    /// <summary>Publishes, and waits until everybody has everything.</summary>
    /// <param name="loop">Who reads the clients.</param>
    /// <param name="system">What is measured.</param>
    /// <param name="crowd">The clients of one of the topics each, or of all of them.</param>
    /// <param name="order">What to publish.</param>
    /// <param name="copies">How many clients receive each event; all when not given.</param>
    public static async Task<Run> MeasureAsync(ClientLoop loop, MeasuredSystem system, Crowd crowd, FeedOrder order, int? copies = null)
    {
        crowd.Mark();
        var started = TimeProvider.System.GetTimestamp();
        var (server, backbone, client, machine) = (system.Usage.CpuSeconds, system.BackboneUsage.CpuSeconds, ProcessUsage.Own.CpuSeconds, ProcessUsage.MachineCpuSeconds());
        var fed = await system.FeedAsync(order, order.Rate == 0 ? crowd.Slowest : null);
        var expected = fed.Events * (copies ?? crowd.Clients.Count);
        await Poll.TryUntilAsync(() => crowd.Total() >= expected, fed.IsStuck ? TimeSpan.Zero : LongestDrain);
        var seconds = TimeProvider.System.GetElapsedTime(started, loop.LastArrival).TotalSeconds;
        (server, backbone, client) = (system.Usage.CpuSeconds - server, system.BackboneUsage.CpuSeconds - backbone, ProcessUsage.Own.CpuSeconds - client);
        var whole = TimeProvider.System.GetElapsedTime(started).TotalSeconds * Environment.ProcessorCount;
        var others = Math.Max(0, ProcessUsage.MachineCpuSeconds() - machine - server - backbone - client) / whole;
        await Poll.Pause(Quiet); // what comes now came twice
        Check(system, crowd, fed, copies);
        return new Run(fed.Events, crowd.Total(), expected, seconds, server, backbone, client, others);
    }

    // The hubs may lose nothing and repeat nothing; nats-server promises no more than to try.
    private static void Check(MeasuredSystem system, Crowd crowd, FeedResult fed, int? copies)
    {
        if (system is not HubSystem || fed.IsStuck)
        {
            return;
        }

        var counts = Enumerable.Range(0, crowd.Clients.Count).Select(crowd.CountOf).ToList();
        var isExact = copies is null ? counts.TrueForAll(c => c == fed.Events) : counts.Sum() == fed.Events * copies;
        if (!isExact)
        {
            throw new InvalidOperationException(
                $"{system.Name} published {fed.Events} events; its clients have from {counts.Min()} to {counts.Max()}, {crowd.Closed} were ended.");
        }
    }
}
