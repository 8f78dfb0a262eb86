namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>Waits for a signal, but not for ever.</summary>
internal static class Deadline
{
    /// <summary>Far more than anything here takes on a busy machine; only a failure waits it out.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Task<T> For<T>(Func<CancellationToken, ValueTask<T>> signal) =>
        For(signal(TestContext.Current.CancellationToken).AsTask());

    public static Task<T> For<T>(Task<T> signal) => signal.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);

    public static Task For(Task signal) => signal.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
}
