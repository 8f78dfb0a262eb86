using RealtimeHub.Benchmarks.Micro;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;
using RealtimeHub.Benchmarks.Scenarios;
using RealtimeHub.Benchmarks.Serving;
using RealtimeHub.Benchmarks.Sqlite;

// The scenarios, in the order in which they run when none is named.
(string Name, Func<Bench, Task> RunAsync)[] scenarios =
[
    ("fanout", bench => Fanout.RunAsync(bench, SystemSet.OneServer)),
    ("latency", bench => Latency.RunAsync(bench, SystemSet.OneServer)),
    ("stalled", Stalled.RunAsync),
    ("idle", Idle.RunAsync),
    ("storm", bench => Storm.RunAsync(bench, SystemSet.OneServer)),
    ("topics", bench => Topics.RunAsync(bench, SystemSet.OneServer)),
    ("subscriptions", Subscriptions.RunAsync),
    ("commands", Commands.RunAsync),
    ("nats-fanout", bench => Fanout.RunAsync(bench, SystemSet.OnNats)),
    ("nats-latency", bench => Latency.RunAsync(bench, SystemSet.WithTail)),
    ("nats-storm", bench => Storm.RunAsync(bench, SystemSet.OnNats with { Nodes = 2 })),
    ("nats-topics", bench => Topics.RunAsync(bench, SystemSet.OnNats)),
    ("nats-nodes", Nodes.RunAsync),
    ("nats-outage", Outage.RunAsync),
    ("sqlite", SqliteBenchmark.RunAsync),
    ("micro", MicroBenchmarks.RunAsync),
];

if (args is ["serve", .. var role])
{
    return await ServeCommand.RunAsync(role);
}

var isNamed = args is [var first, ..] && !first.StartsWith("--", StringComparison.Ordinal);
var chosen = isNamed ? Array.FindAll(scenarios, s => s.Name == args[0] || s.Name.StartsWith($"{args[0]}-", StringComparison.Ordinal)) : scenarios;
if (chosen.Length == 0)
{
    await Console.Error.WriteLineAsync($"Scenarios: {string.Join(' ', scenarios.Select(s => s.Name))}");
    return 2;
}

var arguments = Arguments.Parse(args.AsSpan(isNamed ? 1 : 0));
await using var bench = new Bench(arguments);
Console.WriteLine(await Machine.DescribeAsync(bench.NatsServer));
if (bench.NatsServer is null)
{
    Console.WriteLine("nats-server is not on the PATH: its rows are left out.\n");
}

if (bench.RedisServer is null)
{
    Console.WriteLine("redis-server is not on the PATH: its rows are left out.\n");
}

var failures = 0;
foreach (var (name, runAsync) in chosen)
{
    Console.WriteLine($"## {name}\n");
    try
    {
        await runAsync(bench);
    }
    catch (Exception e)
    {
        // The other scenarios are worth having all the same.
        await Console.Error.WriteLineAsync(e.ToString());
        Console.WriteLine($"failed: {e.Message}\n");
        failures++;
    }

    await bench.StopAllAsync();
}

foreach (var option in arguments.Unknown)
{
    Console.WriteLine($"Nobody asked for --{option}.");
}

return failures == 0 ? 0 : 1;
