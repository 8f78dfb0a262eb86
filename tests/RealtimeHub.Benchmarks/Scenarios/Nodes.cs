using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>What a node costs as nodes are added: first each with as many subscribers, then with nobody who watches what is published.</summary>
internal static class Nodes
{
    private const string Unwatched = "unwatched";
    private static readonly int[] Counts = [1, 2, 3];

    public static async Task RunAsync(Bench bench)
    {
        await WatchedAsync(bench);
        await bench.StopAllAsync();
        await UnwatchedAsync(bench);
    }

    private static async Task WatchedAsync(Bench bench)
    {
        var subscribers = bench.Arguments.Int("subscribers", 100);
        var order = new FeedOrder("nodes", 1, bench.Arguments.Number("seconds", 3), Rate: bench.Arguments.Int("rate", 1000));
        var subjects = new List<Subject>();
        foreach (var nodes in Counts)
        {
            foreach (var system in await bench.StartAllAsync(SystemSet.OnNats.Hubs, nodes))
            {
                await system.PrepareAsync(order.Prefix, order.Topics);
                var plans = system.Plans([FeedOrder.TopicName(order.Prefix, 0)], subscribers * nodes);
                subjects.Add(new Subject(system, nodes, await Crowd.ConnectAsync(bench.Loop, plans)));
            }
        }

        var results = await Rounds.InterleaveAsync(subjects, bench.Rounds, s => Run.MeasureAsync(bench.Loop, s.System, s.Crowd, order));
        var table = new Table(
            $"{order.Rate:#,0} events/s to {subscribers} subscribers of each node", "nodes", "CPU µs/event of a node", "to one node",
            "CPU µs/delivery", "backbone CPU µs/event", "other load");
        foreach (var (subject, runs) in results)
        {
            var cpu = OfANode(subject, runs);
            var (one, itsRuns) = results.First(r => r.Key.System.Name == subject.System.Name);
            table.Add(
                subject.System.Name, $"{subject.Nodes}", Table.Number(cpu), Table.Ratio(cpu, OfANode(one, itsRuns)), Table.Number(runs.Median(r => r.ServerMicrosecondsPerDelivery)),
                Table.Number(runs.Median(r => r.BackboneMicrosecondsPerEvent)), Table.Share(runs.Median(r => r.OtherShare)));
            subject.Crowd.Dispose();
        }

        Console.WriteLine(table);

        static double OfANode(Subject subject, IReadOnlyList<Run> runs) => runs.Median(r => r.ServerMicrosecondsPerEvent) / subject.Nodes;
    }

    /// <summary>Every node follows the whole stream; this is what that costs.</summary>
    private static async Task UnwatchedAsync(Bench bench)
    {
        var order = new FeedOrder(Unwatched, 100, bench.Arguments.Number("seconds", 3), Rate: bench.Arguments.Int("tail-rate", 10_000));
        var last = new FeedOrder("last", 1, 1, Rate: 100, Most: 1);
        var nodes = Counts[^1];
        var subjects = new List<Subject>();
        foreach (var system in await bench.StartAllAsync(SystemSet.WithTail.Hubs, nodes))
        {
            await system.PrepareAsync(order.Prefix, order.Topics);
            await system.PrepareAsync(last.Prefix, last.Topics);
            subjects.Add(new Subject(system, nodes, await Crowd.ConnectAsync(bench.Loop, system.Plans([FeedOrder.TopicName(last.Prefix, 0)], nodes))));
        }

        var results = await Rounds.InterleaveAsync(subjects, bench.Rounds, MeasureAsync);
        var table = new Table(
            $"{order.Rate:#,0} events/s that nobody watches, {nodes} nodes", "CPU µs/event of the busiest node", "of the others", "backbone CPU µs/event", "other load");
        foreach (var (subject, runs) in results)
        {
            table.Add(
                subject.System.Name, Table.Number(runs.Median(r => r.Busiest)), Table.Number(runs.Median(r => r.Others)),
                Table.Number(runs.Median(r => r.Backbone)), Table.Share(runs.Median(r => r.OtherShare)));
            subject.Crowd.Dispose();
        }

        Console.WriteLine(table);

        async Task<TailRun> MeasureAsync(Subject subject)
        {
            var system = subject.System;
            var (before, backbone) = (CpuOf(system), system.BackboneUsage.CpuSeconds);
            var (started, machine, own) = (TimeProvider.System.GetTimestamp(), ProcessUsage.MachineCpuSeconds(), ProcessUsage.Own.CpuSeconds);
            var fed = await system.FeedAsync(order);
            await Run.MeasureAsync(bench.Loop, system, subject.Crowd, last); // when it has come, every node has seen what was before
            var perEvent = CpuOf(system).Zip(before, (a, b) => (a - b) * 1e6 / fed.Events).Order().ToList();
            backbone = system.BackboneUsage.CpuSeconds - backbone;
            var others = ProcessUsage.MachineCpuSeconds() - machine - (perEvent.Sum() * fed.Events / 1e6) - backbone - (ProcessUsage.Own.CpuSeconds - own);
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            return new TailRun(
                perEvent[^1], perEvent.SkipLast(1).Average(), backbone * 1e6 / fed.Events, fed.Events / seconds,
                Math.Max(0, others) / (seconds * Environment.ProcessorCount));
        }

        static List<double> CpuOf(MeasuredSystem system) => [.. system.ProcessIds.Select(id => ProcessUsage.Of(id).CpuSeconds)];
    }

    private sealed record Subject(MeasuredSystem System, int Nodes, Crowd Crowd)
    {
        public override string ToString() => $"{System}, {Nodes} nodes";
    }

    private sealed record TailRun(double Busiest, double Others, double Backbone, double EventsPerSecond, double OtherShare)
    {
        public override string ToString() =>
            $"{EventsPerSecond:0} events/s; CPU µs/event: busiest node {Busiest:0.00}, others {Others:0.00}, backbone {Backbone:0.00}; other load {OtherShare:p0}";
    }
}
