using System.Collections.Concurrent;
using System.Diagnostics;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>A role of this program in a process of its own, which is asked things line by line.</summary>
internal sealed class ControlledProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(120);

    private readonly Process process;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> replies = [];
    private readonly Lock gate = new();
    private int lastNumber;

    private ControlledProcess(string role, string folder)
    {
        var program = Environment.ProcessPath!;
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(ControlledProcess).Assembly.Location] : [];
        process = new Process
        {
            StartInfo = new ProcessStartInfo(program, [.. host, "serve", role, folder])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
            },
        };
        process.OutputDataReceived += (_, line) => Take(line.Data);
    }

    public int Id => process.Id;

    /// <summary>Starts it; returns it with what it says when it is there.</summary>
    public static async Task<(ControlledProcess Process, string Greeting)> StartAsync(string role, string folder)
    {
        var started = new ControlledProcess(role, folder);
        var greeting = started.Expect("0");
        started.process.Start();
        started.process.BeginOutputReadLine();
        return (started, await greeting);
    }

    /// <summary>Asks, and waits for the reply.</summary>
    public Task<string> AskAsync(string verb, string arguments = "") => AskAsync(out _, verb, arguments);

    /// <summary>Asks what takes its time; the number is for <see cref="Tell"/>.</summary>
    public Task<string> AskAsync(out string number, string verb, string arguments)
    {
        number = Interlocked.Increment(ref lastNumber).ToString();
        var reply = Expect(number);
        Write($"{number} {verb} {arguments}");
        return reply;
    }

    /// <summary>Adds something to what was asked under that number.</summary>
    public void Tell(string number, string verb, long value) => Write($"{number} {verb} {value}");

    /// <summary>Ends it at once.</summary>
    public void Kill() => process.Kill();

    public async ValueTask DisposeAsync()
    {
        Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<string> Expect(string number)
    {
        var reply = replies.GetOrAdd(number, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        var text = await reply.Task.WaitAsync(ReplyTimeout, TimeProvider.System);
        return text.StartsWith("failed:", StringComparison.Ordinal) ? throw new InvalidOperationException(text) : text;
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            foreach (var reply in replies.Values)
            {
                reply.TrySetException(new InvalidOperationException("The server has ended."));
            }
        }
        else if (line.Split(' ', 2) is [var number, var text] && replies.TryRemove(number, out var reply))
        {
            reply.TrySetResult(text);
        }
    }

    private void Write(string line)
    {
        lock (gate)
        {
            process.StandardInput.WriteLine(line);
            process.StandardInput.Flush();
        }
    }
}
