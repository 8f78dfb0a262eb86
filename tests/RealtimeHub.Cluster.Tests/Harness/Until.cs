using RealtimeHub.Specification;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>For what signals nothing: whoever uses the service asks again, too.</summary>
internal static class Until
{
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? Deadline.Length, TimeProvider.System);
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }
    }
}
