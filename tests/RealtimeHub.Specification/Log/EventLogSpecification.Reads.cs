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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_MoreThanFits_EndsBeforeWhatDoesNotFitAndSaysSo(bool descending)
    {
        var lengths = await StoreLongAsync(9);
        var three = descending ? lengths[6..].Sum() : lengths[..3].Sum();

        var exact = await Log.ReadAsync(Topic, new LogRange(9, Descending: descending, MaxBytes: three), Token);
        (exact.Count, exact.HasMore).Should().Be((3, true));
        var less = await Log.ReadAsync(Topic, new LogRange(9, Descending: descending, MaxBytes: three - 1), Token);
        (less.Count, less.HasMore).Should().Be((2, true));
        var all = await Log.ReadAsync(Topic, new LogRange(10, Descending: descending, MaxBytes: lengths.Sum()), Token);
        (all.Count, all.HasMore).Should().Be((9, false));
    }

    [Fact]
    public async Task Read_FirstEventAloneIsTooLong_ComesAllTheSame()
    {
        await StoreLongAsync(2);

        var page = await Log.ReadAsync(Topic, new LogRange(10, MaxBytes: 1), Token);

        (page.Count, page.HasMore).Should().Be((1, true));
        IdsOf(page).Should().Equal("0");
    }

    [Theory]
    [InlineData(LaneFilter.Both)]
    [InlineData(LaneFilter.State)]
    public async Task Read_PagesCutByBytes_HoldEverythingOnce(LaneFilter lanes)
    {
        await StoreLongAsync(25);
        var (up, down) = (new List<StoredEvent>(), new List<StoredEvent>());
        EventPage page;
        do
        {
            page = await Log.ReadAsync(Topic, new LogRange(10, After: up.Count == 0 ? 0 : up[^1].Sequence, Lanes: lanes, MaxBytes: 3_000), Token);
            up.AddRange(page);
        }
        while (page.HasMore);
        do
        {
            var before = down.Count == 0 ? long.MaxValue : down[^1].Sequence;
            page = await Log.ReadAsync(Topic, new LogRange(10, Before: before, Lanes: lanes, Descending: true, MaxBytes: 3_000), Token);
            down.AddRange(page);
        }
        while (page.HasMore);

        IdsOf(up).Should().Equal(Enumerable.Range(0, 25).Where(i => lanes == LaneFilter.Both || i % 2 == 0).Select(i => $"{i}"));
        IdsOf(down).Should().Equal(IdsOf(up).Reverse());
    }

    [Fact]
    public async Task Read_SaysNothingOfBytes_IsBoundedAllTheSame()
    {
        var text = new string('x', 500 * 1024);
        for (var i = 0; i < 10; i++)
        {
            await StoreAsync(Topic, TestEvents.State($"{i}", text));
        }

        var page = await Log.ReadAsync(Topic, new LogRange(500), Token);

        page.HasMore.Should().BeTrue();
        IdsOf(page).Should().Equal(Enumerable.Range(0, 8).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Read_NoBytesAllowed_IsRefused() =>
        await FluentActions.Awaiting(() => Log.ReadAsync(Topic, new LogRange(1, MaxBytes: 0), Token).AsTask())
            .Should().ThrowAsync<ArgumentOutOfRangeException>();

    private async Task<string[]> ReadIdsAsync(LogRange range) => IdsOf(await Log.ReadAsync(Topic, range, Token));

    /// <summary>About a kilobyte each, state and delta in turn, the ids their indexes. Answers how long their bodies are.</summary>
    private async Task<int[]> StoreLongAsync(int count)
    {
        var events = Enumerable.Range(0, count).Select(i => (i % 2 == 0 ? TestEvents.State($"{i}", Text(i)) : TestEvents.Delta($"{i}", Text(i)))).ToArray();
        await StoreAsync(Topic, events);
        return [.. events.Select(e => e.Body.Length)];

        static string Text(int i) => new('x', 1_000 + i);
    }

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
