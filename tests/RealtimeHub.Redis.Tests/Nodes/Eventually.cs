using RealtimeHub.Specification;

namespace RealtimeHub.Redis.Tests.Nodes;

/// <summary>Waits for what nothing tells: it is asked for again and again, until the deadline.</summary>
internal static class Eventually
{
    public static async Task IsAsync(Func<Task<bool>> isSo)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var timer = TimeProvider.System.CreateTimer(_ => deadline.Cancel(), null, Deadline.Length, Timeout.InfiniteTimeSpan);
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
    }
}
