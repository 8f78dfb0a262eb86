using System.Collections.Concurrent;
using RealtimeHub.Benchmarks.Feeding;

namespace RealtimeHub.Benchmarks.Serving;

/// <summary><c>serve ROLE FOLDER</c>: runs a server and does what the driver asks, until the driver is gone.</summary>
/// <remarks>A request is a line <c>NUMBER VERB ARGUMENTS</c> on standard input, its reply a line <c>NUMBER TEXT</c> on standard output.</remarks>
internal sealed class ServeCommand(Role role)
{
    private readonly ConcurrentDictionary<string, Progress> feeds = [];

    public static async Task<int> RunAsync(string[] args)
    {
        await using var role = Role.Create(args[0], args[1]);
        var address = await role.StartAsync();
        await ReplyAsync("0", address.ToString());
        var command = new ServeCommand(role);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            _ = command.TakeAsync(line.Split(' ', 3));
        }

        return 0;
    }

    private static Task ReplyAsync(string number, string text) => Console.Out.WriteLineAsync($"{number} {text}");

    private async Task TakeAsync(string[] request)
    {
        var (number, verb, arguments) = (request[0], request[1], request.ElementAtOrDefault(2) ?? "");
        if (verb == "progress")
        {
            feeds.GetValueOrDefault(number)?.Report(long.Parse(arguments));
            return;
        }

        await Task.Yield(); // the thread that reads must go on reading
        try
        {
            await ReplyAsync(number, await AnswerAsync(number, verb, arguments));
        }
        catch (Exception e)
        {
            await ReplyAsync(number, $"failed: {e.Message.ReplaceLineEndings(" ")}");
            await Console.Error.WriteLineAsync(e.ToString());
        }
    }

    private async Task<string> AnswerAsync(string number, string verb, string arguments)
    {
        switch (verb)
        {
            case "topics":
                var parts = arguments.Split(' ');
                await role.PrepareAsync(parts[0], int.Parse(parts[1]));
                return "";
            case "token":
                return await role.IssueTokenAsync();
            case "settle":
                await role.SettleAsync();
                return "";
            case "reads":
                return role.LogReads.ToString();
            case "heap":
                return Collect().ToString();
            case "feed" or "insist":
                var target = verb == "feed" ? role.NewTarget() : role.NewInsistentTarget();
                var result = await Feeder.RunAsync(FeedOrder.Parse(arguments), target, feeds.GetOrAdd(number, _ => new Progress()));
                feeds.TryRemove(number, out _);
                await role.SettleAsync();
                return $"{result.Events} {(result.IsStuck ? "stuck" : "done")}";
            default:
                throw new ArgumentException($"Nobody knows '{verb}'.", nameof(verb));
        }
    }

    // Aggressive: what is free is given back, so that the resident size says what is in use.
    private static long Collect()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
