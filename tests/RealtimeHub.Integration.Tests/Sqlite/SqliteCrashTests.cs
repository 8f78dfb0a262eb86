using RealtimeHub.Core.Log;
using RealtimeHub.CrashWriter;

namespace RealtimeHub.Integration.Tests.Sqlite;

/// <summary>What was acknowledged survives kill -9, whole and in order.</summary>
public sealed class SqliteCrashTests(ITestOutputHelper output) : IAsyncDisposable
{
    private readonly SqliteFolder folder = new();
    private readonly Dictionary<long, string> everSeen = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact]
    public async Task Kill_WhileAppending_LosesNothingAcknowledged()
    {
        const int Seed = 20260102;
        var random = new Random(Seed);
        for (var run = 0; run < 5; run++)
        {
            var headBefore = folder.Database.Commits.LastSequence;
            await folder.CloseAsync();

            await using var writer = new CrashWriterProcess(folder.Path, run);
            var stored = await writer.ReadAsync(random.Next(1, 600));
            stored.AddRange(await writer.KillAsync());
            output.WriteLine($"Run {run}: killed after {stored.Count} acknowledged appends.");

            stored.Should().OnlyContain(s => s.LastSequence > headBefore, "a sequence is given once");
            stored.Select(s => s.LastSequence).Should().OnlyHaveUniqueItems();
            await CheckLogAsync(stored);
        }
    }

    [Fact]
    public async Task Open_AnotherProcessHasIt_IsRefusedUntilThatIsKilled()
    {
        await using var writer = new CrashWriterProcess(folder.Path, 0);
        await writer.ReadAsync(1);

        folder.Invoking(f => f.Open()).Should().Throw<InvalidOperationException>().WithMessage("*in use by another process*");
        await writer.KillAsync();
        await using var opened = folder.Open();
    }

    private async Task CheckLogAsync(List<(long LastSequence, string LastId)> stored)
    {
        var bySequence = new Dictionary<long, string>();
        for (var writer = 0; writer < CrashEvents.Writers; writer++)
        {
            var events = await ReadAllAsync(CrashEvents.Topic(writer));
            var expected = Expected(events);
            events.Select(e => e.Id).Should().Equal(expected.Select(e => e.Id), "appends are whole, in order and without a gap");
            foreach (var (e, written) in events.Zip(expected))
            {
                e.Body.Span.SequenceEqual(written.Body.Span).Should().BeTrue("event {0} is as it was written", e.Id);
                bySequence.Add(e.Sequence, e.Id);
            }
        }

        bySequence.Should().Contain(stored.Select(s => KeyValuePair.Create(s.LastSequence, s.LastId)), "they were acknowledged");
        foreach (var (sequence, id) in bySequence)
        {
            everSeen.TryAdd(sequence, id);
        }

        everSeen.Should().Equal(bySequence, "what was once read stays as it was");
    }

    /// <summary>The appends of each run from its first to the last of which anything is there.</summary>
    private static List<NewEvent> Expected(List<StoredEvent> events) =>
    [
        .. events.Select(e => e.Id.Split('-').Select(int.Parse).ToArray())
            .GroupBy(id => (Run: id[0], Writer: id[1]))
            .OrderBy(g => g.Key.Run)
            .SelectMany(g => Enumerable.Range(0, g.Max(id => id[2]) + 1).SelectMany(number => CrashEvents.Append(g.Key.Run, g.Key.Writer, number))),
    ];

    private async Task<List<StoredEvent>> ReadAllAsync(TopicKey topic)
    {
        var events = new List<StoredEvent>();
        while (await folder.Log.ReadAsync(topic, new LogRange(1_000, After: events is [.., var last] ? last.Sequence : 0), Token) is { Count: > 0 } page)
        {
            events.AddRange(page);
        }

        return events;
    }
}
