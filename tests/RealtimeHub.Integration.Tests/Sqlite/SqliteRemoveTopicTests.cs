using RealtimeHub.Core.Log;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Sqlite;

/// <summary>What removing a topic does to the database.</summary>
public sealed class SqliteRemoveTopicTests : IAsyncDisposable
{
    private static readonly TopicKey Gone = TestEvents.Topic("gone");
    private static readonly TopicKey Stays = TestEvents.Topic("stays");

    private readonly SqliteFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(51)]
    [InlineData(333)]
    public async Task Remove_AnyLength_LeavesNoRowOfIt(int events)
    {
        var last = await FillAsync(Gone, events);
        await FillAsync(Stays, 3);

        (await RemoveAsync(last)).Should().Be(events);

        (Count("events"), Count("topics")).Should().Be((3, 1));
    }

    [Fact]
    public async Task Remove_ThenOtherTopics_GetNothingOfItsName()
    {
        await FillAsync(Stays, 3);
        await RemoveAsync(await FillAsync(Gone, 10)); // the newest row of topics: SQLite gives its number again

        await FillAsync(TestEvents.Topic("next"), 2);
        await FillAsync(Gone, 1);

        (await folder.Log.ReadAsync(TestEvents.Topic("next"), new LogRange(100), Token)).Should().HaveCount(2);
        (await folder.Log.ReadAsync(Gone, new LogRange(100), Token)).Should().ContainSingle();
        (await folder.Log.ReadAsync(Stays, new LogRange(100), Token)).Should().HaveCount(3);
    }

    [Fact]
    public async Task Remove_DatabaseHeldByAnother_IsUnavailableAndDoneWhenItIsFree()
    {
        var last = await FillAsync(Gone, 120);
        using (var other = folder.Connect())
        {
            SqliteFolder.Execute(other, "BEGIN IMMEDIATE");
            await FluentActions.Awaiting(() => RemoveAsync(last)).Should().ThrowAsync<LogUnavailableException>();
            SqliteFolder.Execute(other, "ROLLBACK");
        }

        (await RemoveAsync(last)).Should().Be(120);
    }

    [Fact]
    public async Task Remove_HalfDoneBeforeAReopen_DoesTheRest()
    {
        var last = await FillAsync(Gone, 200);
        folder.Execute("DELETE FROM events WHERE seq <= 90");
        await folder.CloseAsync();

        (await RemoveAsync(last)).Should().Be(110);

        Count("topics").Should().Be(0);
    }

    [Fact]
    public async Task Remove_Long_LetsAppendsThrough()
    {
        var last = await FillAsync(Gone, 5_000);
        var removing = RemoveAsync(last);
        var appends = 0;
        while (!removing.IsCompleted)
        {
            await folder.Log.AppendAsync(Stays, [TestEvents.State($"{appends++}")], expectedState: null, Token);
        }

        (await removing).Should().Be(5_000);
        appends.Should().BeGreaterThan(3, "a hundred steps stand between them");
    }

    private Task<long> RemoveAsync(long through) => Deadline.Within(folder.Log.RemoveTopicAsync(Gone, through, Token).AsTask());

    private async Task<long> FillAsync(TopicKey topic, int count)
    {
        NewEvent[] events = [.. Enumerable.Range(0, count).Select(i => i % 2 == 0 ? TestEvents.State($"{i}") : TestEvents.Delta($"{i}"))];
        return (await Deadline.Within(folder.Log.AppendAsync(topic, events, expectedState: null, Token).AsTask())).LastSequence;
    }

    private int Count(string table)
    {
        using var connection = folder.Connect();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // a test's own text
        command.CommandText = "SELECT count(*) FROM " + table;
#pragma warning restore CA2100
        return Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
