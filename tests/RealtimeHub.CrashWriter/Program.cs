using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Core.Log;
using RealtimeHub.CrashWriter;
using RealtimeHub.Sqlite;

// Usage: RealtimeHub.CrashWriter FOLDER RUN. Never ends by itself.
var (folder, run) = (args[0], int.Parse(args[1]));
await using var services = new ServiceCollection().AddLogging().AddSqliteStorage(options => options.Path = folder).BuildServiceProvider();
var log = services.GetRequiredService<IEventLog>();
await Task.WhenAll(Enumerable.Range(0, CrashEvents.Writers).Select(WriteAsync));

async Task WriteAsync(int writer)
{
    for (var number = 0; ; number++)
    {
        var events = CrashEvents.Append(run, writer, number);
        var result = await log.AppendAsync(CrashEvents.Topic(writer), events, null, CancellationToken.None);

        // One write to the pipe: whole or not at all.
        await Console.Out.WriteLineAsync(CrashEvents.Line(result.LastSequence, events[^1].Id));
    }
}
