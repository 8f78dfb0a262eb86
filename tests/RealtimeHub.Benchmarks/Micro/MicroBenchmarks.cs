using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Micro;

/// <summary>What single steps of a delivery cost, without a network.</summary>
internal static class MicroBenchmarks
{
    public static Task RunAsync(Bench bench)
    {
        var job = Job.Default
            .WithToolchain(InProcessEmitToolchain.DontLogOutput) // no second build
            .WithWarmupCount(2)
            .WithIterationCount(bench.Arguments.Int("iterations", 6))
            .WithIterationTime(Perfolizer.Horology.TimeInterval.FromMilliseconds(100));
        var config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(bench.NewFolder());
        var summaries = BenchmarkRunner.Run([typeof(EncodeEvent), typeof(EncodeBatch), typeof(Dispatch), typeof(FirstPage)], config);
        var table = new Table("Step", "of", "mean µs", "error µs", "allocated bytes");
        foreach (var report in summaries.SelectMany(s => s.Reports))
        {
            Add(table, report);
        }

        Console.WriteLine(table);
        return Task.CompletedTask;
    }

    private static void Add(Table table, BenchmarkReport report)
    {
        var target = report.BenchmarkCase.Descriptor;
        var allocated = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
        var statistics = report.ResultStatistics;
        table.Add(
            $"{target.Type.Name}.{target.WorkloadMethod.Name}", report.BenchmarkCase.Parameters.DisplayInfo, Table.Number((statistics?.Mean ?? double.NaN) / 1000),
            Table.Number((statistics?.StandardError ?? double.NaN) / 1000), $"{allocated:#,0}");
    }
}
