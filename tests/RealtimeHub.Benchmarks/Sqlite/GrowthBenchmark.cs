using RealtimeHub.Core.Log;

namespace RealtimeHub.Benchmarks.Sqlite;

/// <summary>The same things in a log that grows: what they take must follow what they answer, not what the log holds.</summary>
internal static class GrowthBenchmark
{
    private const int PageEvents = 50;
    private const int Pages = 400;
    private const int ColdStarts = 7;

    public static async Task RunAsync(BenchLog log, Filler filler, IReadOnlyList<int> sizes)
    {
        Console.WriteLine();
        Console.WriteLine("Medians in milliseconds; history is a page of 50 events of a topic that lies scattered over the log. The files are in the");
        Console.WriteLine("system's cache. Cold start: open, learn the head, and fold a topic of 200 events.");
        Console.WriteLine();
        Console.WriteLine(
            "| Events | File MiB | Fill events/s | Append | Append p99 | State up | State down | Both up | Both down | Open | Fold | Find a time |");
        Console.WriteLine("| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |");
        await WarmAsync(log, filler);
        foreach (var size in sizes)
        {
            var probe = BenchEvents.Topic($"probe-{size}");
            var (before, start) = (filler.Events, Latencies.Now);
            await filler.FillAsync(log.Log, size, probe);
            var rate = (size - before) / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            var (open, fold) = await ColdStartAsync(log, probe);
            var append = await WriterBenchmark.AppendAsync(log, 1, TimeSpan.FromSeconds(3));
            Console.WriteLine(
                $"| {size:#,0} | {log.FileBytes >> 20} | {rate:#,0} | {append.At(0.5):0.00} | {append.At(0.99):0.00} "
                + $"| {await PageAsync(log.Log, size, LaneFilter.State, false):0.000} | {await PageAsync(log.Log, size, LaneFilter.State, true):0.000} "
                + $"| {await PageAsync(log.Log, size, LaneFilter.Both, false):0.000} | {await PageAsync(log.Log, size, LaneFilter.Both, true):0.000} "
                + $"| {open:0.0} | {fold:0.0} | {await FindAsync(log.Log):0.000} |");
        }
    }

    // What is compiled at first use is not what is to be measured.
    private static async Task WarmAsync(BenchLog log, Filler filler)
    {
        await filler.FillAsync(log.Log, 5_000);
        await ColdStartAsync(log, BenchEvents.Topic("t1"));
        foreach (var lanes in new[] { LaneFilter.State, LaneFilter.Both })
        {
            await PageAsync(log.Log, filler.Events, lanes, false);
            await PageAsync(log.Log, filler.Events, lanes, true);
        }
    }

    private static async Task<double> PageAsync(IEventLog log, int size, LaneFilter lanes, bool descending)
    {
        // Anywhere, but where a page is full: a long topic has a hundredth of the events, three in five of the state lane.
        var share = Math.Clamp(1 - (1.1 * PageEvents / (size * 0.006)), 0.05, 1);
        var taken = new Latencies();
        for (var i = 0; i < Pages; i++)
        {
            var offset = (long)(Random.Shared.NextDouble() * share * size);
            var range = descending
                ? new LogRange(PageEvents, Before: size - offset, Lanes: lanes, Descending: true)
                : new LogRange(PageEvents, After: offset, Lanes: lanes);
            var start = Latencies.Now;
            await log.ReadAsync(Filler.LongTopic(i % Filler.LongTopics), range, CancellationToken.None);
            taken.Since(start);
        }

        return taken.At(0.5);
    }

    private static async Task<(double Open, double Fold)> ColdStartAsync(BenchLog log, TopicKey topic)
    {
        var (open, fold) = (new Latencies(), new Latencies());
        for (var i = 0; i < ColdStarts; i++)
        {
            await log.CloseAsync();
            var start = Latencies.Now;
            await log.Log.GetHeadAsync(CancellationToken.None);
            open.Since(start);
            start = Latencies.Now;
            await log.Folds.GetAsync(topic, CancellationToken.None);
            fold.Since(start);
        }

        return (open.At(0.5), fold.At(0.5));
    }

    private static async Task<double> FindAsync(IEventLog log)
    {
        var taken = new Latencies();
        for (var i = 0; i < 100; i++)
        {
            var start = Latencies.Now;
            await log.FindSequenceAsync(TimeProvider.System.GetUtcNow().AddSeconds(-i), CancellationToken.None);
            taken.Since(start);
        }

        return taken.At(0.5);
    }
}
