using RealtimeHub.Client;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>Cuts what is being done as soon as an instruction comes, or the run is cancelled.</summary>
internal sealed class SteerSignal : IDisposable
{
    private readonly RunContext run;
    private readonly CancellationTokenSource cut;
    private readonly CancellationTokenSource watching;
    private readonly Task watch;

    public SteerSignal(RunContext run)
    {
        this.run = run;
        cut = CancellationTokenSource.CreateLinkedTokenSource(run.Cancelled);
        watching = CancellationTokenSource.CreateLinkedTokenSource(run.Cancelled);
        watch = WatchAsync();
    }

    /// <summary>Fires at the first instruction, and when the run is cancelled.</summary>
    public CancellationToken Token => cut.Token;

    /// <summary>The first instruction; null while none came.</summary>
    public string? Heard { get; private set; }

    /// <summary>Stops watching; every instruction that has come, or null.</summary>
    public async Task<IReadOnlyList<string>?> FinishAsync()
    {
        await watching.CancelAsync();
        await watch;
        List<string> all = Heard is null ? [] : [Heard];
        while (run.Instructions.TryRead(out var next))
        {
            all.Add(next);
        }

        return all.Count > 0 ? all : null;
    }

    public void Dispose()
    {
        watching.Cancel();
        watching.Dispose();
        cut.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            Heard = await run.Instructions.ReadAsync(watching.Token);
            await cut.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // Nothing came while this was watched.
        }
    }
}
