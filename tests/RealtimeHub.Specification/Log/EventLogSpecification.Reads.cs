using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

public abstract partial class EventLogSpecification
{
    [Fact]
    public async Task Read_UnknownTopic_IsEmpty()
    {
        await StoreAsync(TestEvents.Topic("c2"), TestEvents.State("a"));

        (await Log.ReadAsync(Topic, new LogRange(10), Token)).Should().BeEmpty();
        (await Log.ReadAsync(Topic, new LogRange(10, Descending: true), Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task Read_Ranges_AreOpenAtBothEnds()
    {
        var s = await MixedAsync();

        (await ReadIdsAsync(new LogRange(10, After: s[1]))).Should().Equal("2", "3", "4", "5");
        (await ReadIdsAsync(new LogRange(10, Before: s[4]))).Should().Equal("0", "1", "2", "3");
        (await ReadIdsAsync(new LogRange(10, After: s[1], Before: s[4]))).Should().Equal("2", "3");
        (await ReadIdsAsync(new LogRange(10, After: s[2], Before: s[2] + 1))).Should().BeEmpty();
        (await ReadIdsAsync(new LogRange(10, After: s[2] - 1, Before: s[2] + 1))).Should().Equal("2");
        (await ReadIdsAsync(new LogRange(10, After: s[5]))).Should().BeEmpty();
        (await ReadIdsAsync(new LogRange(10, After: s[4], Before: s[1]))).Should().BeEmpty();
    }

    [Fact]
    public async Task Read_Limits_KeepTheNearEndOfTheRange()
    {
        var s = await MixedAsync();

        (await ReadIdsAsync(new LogRange(2))).Should().Equal("0", "1");
        (await ReadIdsAsync(new LogRange(2, Descending: true))).Should().Equal("5", "4");
        (await ReadIdsAsync(new LogRange(1, After: s[2]))).Should().Equal("3");
        (await ReadIdsAsync(new LogRange(2, Before: s[4], Descending: true))).Should().Equal("3", "2");
        (await ReadIdsAsync(new LogRange(10, After: s[2], Descending: true))).Should().Equal("5", "4", "3");
    }

    [Fact]
    public async Task Read_StateLane_LeavesDeltasOut()
    {
        var s = await MixedAsync();

        (await ReadIdsAsync(new LogRange(10, Lanes: LaneFilter.State))).Should().Equal("0", "2", "5");
        (await ReadIdsAsync(new LogRange(2, Lanes: LaneFilter.State, Descending: true))).Should().Equal("5", "2");
        (await ReadIdsAsync(new LogRange(10, After: s[0], Before: s[5], Lanes: LaneFilter.State))).Should().Equal("2");
        (await ReadIdsAsync(new LogRange(1, Before: s[2], Lanes: LaneFilter.State, Descending: true))).Should().Equal("0");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(LogArguments.MaxLimit + 1)]
    public async Task Read_SenselessLimit_IsRefused(int limit) =>
        await FluentActions.Awaiting(() => Log.ReadAsync(Topic, new LogRange(limit), Token).AsTask())
            .Should().ThrowAsync<ArgumentOutOfRangeException>();

    [Fact]
    public async Task Read_LongTopic_PagesWithoutGapUpAndDown()
    {
        for (var i = 0; i < 10; i++)
        {
            await StoreAsync(Topic, [.. Enumerable.Range(i * 30, 30).Select(n => n % 3 == 0 ? TestEvents.State($"{n}") : TestEvents.Delta($"{n}"))]);
            await StoreAsync(TestEvents.Topic("c2"), TestEvents.State($"{i}"));
        }

        var up = new List<StoredEvent>();
        while (await Log.ReadAsync(Topic, new LogRange(37, After: up.Count == 0 ? 0 : up[^1].Sequence), Token) is { Count: > 0 } page)
        {
            up.AddRange(page);
        }

        var down = new List<StoredEvent>();
        while (await Log.ReadAsync(
            Topic, new LogRange(37, Before: down.Count == 0 ? long.MaxValue : down[^1].Sequence, Descending: true), Token) is { Count: > 0 } page)
        {
            down.AddRange(page);
        }

        IdsOf(up).Should().Equal(Enumerable.Range(0, 300).Select(n => $"{n}"));
        IdsOf(down).Should().Equal(Enumerable.Range(0, 300).Reverse().Select(n => $"{n}"));
    }

    [Fact]
    public async Task Read_RightAfterAnAppend_HoldsIt()
    {
        for (var i = 0; i < 50; i++)
        {
            var sequence = await StoreAsync(Topic, TestEvents.State($"{i}"));
            (await Log.ReadAsync(Topic, new LogRange(1, Descending: true), Token))[0].Sequence.Should().Be(sequence);
        }
    }

    [Fact]
    public async Task Read_Purged_IsLeftOut()
    {
        var s = await MixedAsync();
        await Harness.PurgeAsync(s[1], s[3]);

        (await ReadIdsAsync(new LogRange(10))).Should().Equal("0", "2", "4", "5");
        await using var tail = new TailReader(Log, s[0]);
        IdsOf((await tail.TakeAsync(9)).Where(e => e.Topic == Topic)).Should().Equal("2", "4", "5");
    }

    private async Task<string[]> ReadIdsAsync(LogRange range) => IdsOf(await Log.ReadAsync(Topic, range, Token));

    /// <summary>Six events, the ids their indexes: state 0, 2, 5 and delta 1, 3, 4, with another topic between. Answers their sequences.</summary>
    private async Task<long[]> MixedAsync()
    {
        var sequences = new long[6];
        for (var i = 0; i < sequences.Length; i++)
        {
            sequences[i] = await StoreAsync(Topic, i is 0 or 2 or 5 ? TestEvents.State($"{i}") : TestEvents.Delta($"{i}"));
            await StoreAsync(TestEvents.Topic("between"), TestEvents.State($"{i}"));
        }

        return sequences;
    }
}
