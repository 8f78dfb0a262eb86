using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Benchmarks.Serving;

/// <summary>Appends to the log, an event at a time and many on their way, as commands of many users would be.</summary>
internal sealed class LogTarget(IEventLog log, Func<string, TopicKey> keyOf) : IFeedTarget
{
    private readonly Dictionary<string, TopicKey> keys = [];
    private Task last = Task.CompletedTask;

    public ValueTask PublishAsync(string topic, long timestamp)
    {
        if (!keys.TryGetValue(topic, out var key))
        {
            keys.Add(topic, key = keyOf(topic));
        }

        // The log's writer takes appends in their order, so that the last is done when all are.
        var append = log.AppendAsync(key, [BenchEvent.New(timestamp)], expectedState: null, CancellationToken.None).AsTask();
        if (append.IsFaulted)
        {
            return new ValueTask(append);
        }

        last = append;
        return ValueTask.CompletedTask;
    }

    public async ValueTask FlushAsync() => await last;
}
