using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;
using RealtimeHub.Specification.Log;
using RealtimeHub.Sqlite.Database;
using RealtimeHub.Sqlite.Log;

namespace RealtimeHub.Integration.Tests.Sqlite;

public sealed class SqlitePurgeTests : IAsyncDisposable
{
    private readonly SqliteFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 1_000)]
    [InlineData(1_000, 7)]
    [InlineData(100, 100)]
    [InlineData(1_000, 1_000)]
    public async Task Purge_AnyWindow_RemovesWhatIsBelowAndNothingElse(int deltas, int sequences)
    {
        await FillAsync(300, i => i % 3 != 0);

        var purge = new StreamLanePurge(folder.Database, new PurgeWindow(deltas, sequences));

        (await purge.RunAsync(150, Token)).Should().Be(99);
        (await SequencesAsync(Lane.Stream)).Should().Equal(Enumerable.Range(150, 151).Where(s => (s - 1) % 3 != 0));
        (await purge.RunAsync(301, Token)).Should().Be(101);
        (await SequencesAsync(Lane.Stream)).Should().BeEmpty();
        (await SequencesAsync(Lane.State)).Should().Equal(Enumerable.Range(1, 300).Where(s => (s - 1) % 3 == 0));
    }

    [Fact]
    public async Task Purge_HalfDoneBefore_DoesTheRest()
    {
        await FillAsync(200, _ => true);
        folder.Execute("DELETE FROM events WHERE seq % 2 = 0");

        (await folder.Log.PurgeStreamLaneAsync(181, Token)).Should().Be(90);

        (await SequencesAsync(Lane.Stream)).Should().Equal(Enumerable.Range(181, 20).Where(s => s % 2 != 0));
    }

    [Fact]
    public async Task Purge_DatabaseHeldByAnother_IsUnavailableAndGoesOnWhenItIsFree()
    {
        await FillAsync(200, _ => true);
        using (var other = folder.Connect())
        {
            SqliteFolder.Execute(other, "BEGIN IMMEDIATE");
            await FluentActions.Awaiting(() => folder.Log.PurgeStreamLaneAsync(101, Token).AsTask()).Should().ThrowAsync<LogUnavailableException>();
            SqliteFolder.Execute(other, "ROLLBACK");
        }

        (await SequencesAsync(Lane.Stream)).Should().HaveCount(200);
        (await folder.Log.PurgeStreamLaneAsync(101, Token)).Should().Be(100);
    }

    [Fact]
    public async Task Purge_AfterAReopen_GoesOnWhereItWas()
    {
        await FillAsync(200, _ => true);
        await folder.Log.PurgeStreamLaneAsync(101, Token);

        await folder.CloseAsync();

        (await folder.Database.Readers.ReadAsync((session, _) => Schema.ReadPurgedBefore(session), 0, Token)).Should().Be(101);
        (await folder.Log.PurgeStreamLaneAsync(201, Token)).Should().Be(100);
    }

    [Fact]
    public async Task Purge_Long_LetsAppendsThrough()
    {
        await FillAsync(5_000, _ => true);
        var purging = folder.Log.PurgeStreamLaneAsync(5_001, Token).AsTask();
        var appends = 0;
        while (!purging.IsCompleted)
        {
            await folder.Log.AppendAsync(TestEvents.Topic("busy"), [TestEvents.State($"{appends++}")], expectedState: null, Token);
        }

        (await purging).Should().Be(5_000);
        appends.Should().BeGreaterThan(3, "a hundred steps stand between them");
    }

    [Fact]
    public async Task Purge_ThenAppend_ReusesTheSpace()
    {
        await FillAsync(3_000, _ => true);
        var before = Pages("page_count");

        await folder.Log.PurgeStreamLaneAsync(long.MaxValue, Token);
        Pages("freelist_count").Should().BeGreaterThan(before / 2);
        await FillAsync(3_000, _ => true, first: 3_000);

        Pages("page_count").Should().BeLessThan(before + (before / 10));
    }

    /// <summary>Appends event after event, in three topics by turns.</summary>
    private async Task FillAsync(int count, Func<int, bool> isDelta, int first = 0)
    {
        for (var i = first; i < first + count; i += 50)
        {
            NewEvent[] events = [.. Enumerable.Range(i, 50).Select(n => Event(n, isDelta(n)))];
            await Deadline.Within(folder.Log.AppendAsync(TestEvents.Topic($"t{i / 50 % 3}"), events, expectedState: null, Token).AsTask());
        }
    }

    private static NewEvent Event(int i, bool isDelta) =>
        isDelta ? TestEvents.Delta($"{i}", new string('x', 400)) : TestEvents.State($"{i}", new string('x', 400));

    private async Task<IEnumerable<int>> SequencesAsync(Lane lane)
    {
        var head = await folder.Log.GetHeadAsync(Token);
        var end = await folder.Log.AppendAsync(TestEvents.Topic("end"), [TestEvents.State($"{head.LastSequence}")], expectedState: null, Token);
        await using var tail = new TailReader(folder.Log, 0);
        var sequences = new List<int>();
        while ((await tail.TakeAsync(1))[0] is { } e && e.Sequence < end.LastSequence)
        {
            if (e.Lane == lane && e.Topic != TestEvents.Topic("end"))
            {
                sequences.Add((int)e.Sequence);
            }
        }

        return sequences;
    }

    private int Pages(string what)
    {
        using var connection = folder.Connect();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a test's own text
        command.CommandText = "PRAGMA " + what;
#pragma warning restore CA2100
        return Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
