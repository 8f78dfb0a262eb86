namespace RealtimeHub.EndToEnd.Tests.Harness;

/// <summary>For what gives no signal from outside: asks again and again, up to a deadline.</summary>
internal static class Eventually
{
    /// <summary>Long enough for a loaded machine; nothing that works comes near it.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task<T> GetAsync<T>(string what, Func<CancellationToken, Task<T?>> ask)
        where T : class
    {
        using var late = new CancellationTokenSource(Deadline, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, TestContext.Current.CancellationToken);
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        try
        {
            while (true)
            {
                if (await ask(either.Token) is { } answer)
                {
                    return answer;
                }

                await timer.WaitForNextTickAsync(either.Token);
            }
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested)
        {
            throw new TimeoutException($"Not within {Deadline.TotalSeconds} s: {what}.", e);
        }
    }
}
