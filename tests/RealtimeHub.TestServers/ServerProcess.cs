using System.Diagnostics;

namespace RealtimeHub.TestServers;

/// <summary>A server that is a process of this machine.</summary>
internal sealed class ServerProcess(ServerProgram program, ServerPlace place, Func<ServerPlace, string[]> arguments) : RunningServer(program, place)
{
    private readonly string name = program.ChosenProgram;
    private Process? process;

    public override async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
    }

    public override Task PauseAsync() => SignalAsync("STOP");

    public override Task ContinueAsync() => SignalAsync("CONT");

    private protected override Task BeginAsync()
    {
        process?.Dispose();
        process = Process.Start(new ProcessStartInfo(name, arguments(Place)))!;
        return Task.CompletedTask;
    }

    private protected override Task ThrowIfEndedAsync() => process!.HasExited
        ? throw new InvalidOperationException($"{name} ended by itself with exit code {process.ExitCode}.")
        : Task.CompletedTask;

    private protected override async Task EndAsync()
    {
        if (process is { HasExited: false })
        {
            await KillAsync();
        }

        process?.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process!.Id}"]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }
}
