using RealtimeHub.Benchmarks.Micro;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;
using RealtimeHub.Benchmarks.Scenarios;
using RealtimeHub.Benchmarks.Serving;

// The scenarios, in the order in which they run when none is named.
(string Name, Func<Bench, Task> RunAsync)[] scenarios =
[
    ("fanout", Fanout.RunAsync),
    ("latency", Latency.RunAsync),
    ("stalled", Stalled.RunAsync),
    ("idle", Idle.RunAsync),
    ("storm", Storm.RunAsync),
    ("topics", Topics.RunAsync),
    ("subscriptions", Subscriptions.RunAsync),
    ("micro", MicroBenchmarks.RunAsync),
];

if (args is ["serve", .. var role])
{
    return await ServeCommand.RunAsync(role);
}

var isNamed = args is [var first, ..] && !first.StartsWith("--", StringComparison.Ordinal);
var chosen = isNamed ? Array.FindAll(scenarios, s => s.Name == args[0]) : scenarios;
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

foreach (var (name, runAsync) in chosen)
{
    Console.WriteLine($"## {name}\n");
    await runAsync(bench);
    await bench.StopAllAsync();
}

return 0;
