using RealtimeHub.Benchmarks.Feeding;

namespace RealtimeHub.Benchmarks.Serving;

/// <summary>Offers each event until it is taken, one after the other, as somebody does who may lose none.</summary>
/// <param name="prepare">Makes the event, and returns how to offer it.</param>
internal sealed class InsistentTarget(Func<string, long, Func<Task>> prepare) : IFeedTarget
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public async ValueTask PublishAsync(string topic, long timestamp)
    {
        var offerAsync = prepare(topic, timestamp);
        while (!await IsTakenAsync(offerAsync))
        {
            await Poll.Pause(Pause);
        }
    }

    public ValueTask FlushAsync() => ValueTask.CompletedTask;

    // Whatever the system says instead of yes: the feeder's patience is the limit.
    private static async Task<bool> IsTakenAsync(Func<Task> offerAsync)
    {
        try
        {
            await offerAsync();
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
