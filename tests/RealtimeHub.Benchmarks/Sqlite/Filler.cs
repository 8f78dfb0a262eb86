using RealtimeHub.Core.Log;

namespace RealtimeHub.Benchmarks.Sqlite;

/// <summary>Fills a log: three messages for two deltas, ten events an append, over about a thousand topics, so that no topic lies together.</summary>
internal sealed class Filler
{
    /// <summary>Long topics, which get a tenth of all events between them.</summary>
    public const int LongTopics = 10;

    private const int Topics = 1_009, AppendEvents = 10, Concurrency = 64;

    public static TopicKey LongTopic(int i) => BenchEvents.Topic($"long-{i}");

    /// <summary>Events that the log has.</summary>
    public int Events { get; private set; }

    /// <summary>Appends until there are so many; twenty appends spread over the way go to <paramref name="probe"/>, when there is one.</summary>
    public async Task FillAsync(IEventLog log, int to, TopicKey? probe = null)
    {
        // A prime number of topics: each gets its share, whatever else goes by the number of the append.
        var appends = (to - Events) / AppendEvents;
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Concurrency).Select(_ => FillAsync()));
        Events = to;

        async Task FillAsync()
        {
            await Task.Yield();
            for (var i = Interlocked.Increment(ref next); i < appends; i = Interlocked.Increment(ref next))
            {
                var topic = probe is { } p && i % Math.Max(1, appends / 20) == 0 ? p
                    : i % 10 == 0 ? LongTopic(i / 10 % LongTopics)
                    : BenchEvents.Topic($"t{i % Topics}");
                NewEvent[] events = [.. Enumerable.Range(0, AppendEvents).Select(n => n % 5 < 3 ? BenchEvents.Message() : BenchEvents.Delta())];
                await log.AppendAsync(topic, events, expectedState: null, CancellationToken.None);
            }
        }
    }
}
