using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

public abstract partial class EventLogSpecification
{
    [Fact]
    public async Task Purge_StreamLane_GoesBelowTheSequenceInEveryTopic()
    {
        var other = Topic with { Tenant = "other" };
        await StoreAsync(other, TestEvents.Delta("x"), TestEvents.State("y"));
        var s = await MixedAsync();
        await StoreAsync(other, TestEvents.Delta("z"));

        (await PurgeAsync(s[4])).Should().Be(3, "1 and 3 are below the fourth event, and x");

        (await IdsAsync(Topic)).Should().Equal("0", "2", "4", "5");
        (await IdsAsync(other)).Should().Equal("y", "z");
        (await Log.FindAsync(Topic, ["1", "2", "3", "4"], Token)).Keys.Should().BeEquivalentTo("2", "4");
        (await ReadIdsAsync(new LogRange(10, After: s[1], Before: s[4]))).Should().Equal("2");
        (await ReadIdsAsync(new LogRange(10, Before: s[5], Descending: true))).Should().Equal("4", "2", "0");
        (await ReadIdsAsync(new LogRange(10, Lanes: LaneFilter.State))).Should().Equal("0", "2", "5");
    }

    [Fact]
    public async Task Purge_Again_GoesOnWhereItWas()
    {
        var s = await MixedAsync();

        (await PurgeAsync(s[2])).Should().Be(1);
        (await PurgeAsync(s[2])).Should().Be(0);
        (await PurgeAsync(s[0])).Should().Be(0);
        (await PurgeAsync(0)).Should().Be(0);
        (await PurgeAsync(s[4] + 1)).Should().Be(2);
        (await IdsAsync(Topic)).Should().Equal("0", "2", "5");
    }

    [Fact]
    public async Task Purge_TheNewestEvents_LeavesTheHeadAndGivesNoSequenceAgain()
    {
        await StoreAsync(Topic, TestEvents.State("a"));
        var last = await StoreAsync(Topic, TestEvents.Delta("b"), TestEvents.Delta("c"));
        var head = await Log.GetHeadAsync(Token);

        await PurgeAsync(last + 1);

        (await Log.GetHeadAsync(Token)).Should().Be(head);
        (await StoreAsync(Topic, TestEvents.Delta("d"))).Should().BeGreaterThan(last);
    }

    [Fact]
    public async Task Purge_BeyondTheHead_LeavesWhatComesLater()
    {
        await StoreAsync(Topic, TestEvents.Delta("a"));

        (await PurgeAsync(long.MaxValue)).Should().Be(1);

        var later = await StoreAsync(Topic, TestEvents.Delta("b"));
        (await IdsAsync(Topic)).Should().Equal("b");
        (await PurgeAsync(later + 1)).Should().Be(1);
    }

    [Fact]
    public async Task Purge_EmptyLog_RemovesNothing()
    {
        (await PurgeAsync(1)).Should().Be(0);
        (await PurgeAsync(long.MaxValue)).Should().Be(0);
        await StoreAsync(Topic, TestEvents.Delta("a"));
        (await IdsAsync(Topic)).Should().Equal("a");
    }

    [Fact]
    public async Task Purge_ManyEvents_TakesAllOfThem()
    {
        for (var i = 0; i < 7; i++)
        {
            await StoreAsync(TestEvents.Topic($"t{i % 2}"), [.. Enumerable.Range(i * 500, 500).Select(n => n % 10 == 0 ? TestEvents.State($"{n}") : TestEvents.Delta($"{n}"))]);
        }

        var end = (await Log.GetHeadAsync(Token)).LastSequence - 250;

        var purged = await PurgeAsync(end);

        var left = (await Log.ReadAsync(TestEvents.Topic("t0"), new LogRange(LogArguments.MaxLimit), Token))
            .Concat(await Log.ReadAsync(TestEvents.Topic("t1"), new LogRange(LogArguments.MaxLimit), Token)).ToList();
        left.Count.Should().Be(3_500 - (int)purged);
        left.Count(e => e.Lane == Contracts.Lane.State).Should().Be(350);
        left.Where(e => e.Lane == Contracts.Lane.Stream).Should().OnlyContain(e => e.Sequence >= end).And.HaveCountGreaterThan(200);
    }

    [Fact]
    public async Task Purge_StateExpectation_IsNotMet_ByWhatIsGone()
    {
        var state = await StoreAsync(Topic, TestEvents.State("a"));
        var delta = await StoreAsync(Topic, TestEvents.Delta("b"));
        await PurgeAsync(delta + 1);

        (await AppendAsync(delta, TestEvents.State("c"))).Status.Should().Be(AppendStatus.Conflict);
        (await AppendAsync(state, TestEvents.State("c"))).Status.Should().Be(AppendStatus.Stored);
    }

    [Fact]
    public async Task Tail_BehindAPurge_SkipsWhatIsGone()
    {
        var s = await MixedAsync();
        await PurgeAsync(s[4]);

        await using var tail = new TailReader(Log, 0);

        IdsOf((await tail.TakeAsync(10)).Where(e => e.Topic == Topic)).Should().Equal("0", "2", "4", "5");
    }

    [Fact]
    public async Task Tail_EverythingAheadIsGone_WaitsForWhatComes()
    {
        var first = await StoreAsync(Topic, TestEvents.State("a"));
        var last = await StoreAsync(Topic, [.. Enumerable.Range(0, 50).Select(i => TestEvents.Delta($"{i}"))]);
        await PurgeAsync(last + 1);
        await using var tail = new TailReader(Log, first);
        await using var within = new TailReader(Log, first + 25);
        var (wait, waitWithin) = (tail.WaitAsync(), within.WaitAsync());

        await StoreAsync(Topic, TestEvents.Delta("b"));

        await Task.WhenAll(wait, waitWithin);
        IdsOf(await tail.TakeAsync(1)).Should().Equal("b");
        IdsOf(await within.TakeAsync(1)).Should().Equal("b");
    }

    [Fact]
    public async Task Purge_WhileWritersAndTailsGoOn_TouchesNothingElse()
    {
        const int Writers = 6, Appends = 60;
        var purged = 0L;
        var end = 0L;
        await using var tail = new TailReader(Log, 0);
        var following = FollowAsync();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(WriteAsync));
        while (!writing.IsCompleted)
        {
            end = (await Log.GetHeadAsync(Token)).LastSequence + 1;
            purged += await PurgeAsync(end);
        }

        await Deadline.Within(writing);
        var seen = await following;

        seen.Select(e => e.Sequence).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        var deltas = 0;
        for (var writer = 0; writer < Writers; writer++)
        {
            var topic = TestEvents.Topic($"t{writer}");
            IdsOf(seen.Where(e => e.Topic == topic && e.Lane == Contracts.Lane.State)).Should().Equal(Enumerable.Range(0, Appends).Select(i => $"{i}"));
            var stored = await Log.ReadAsync(topic, new LogRange(LogArguments.MaxLimit), Token);
            IdsOf(stored.Where(e => e.Lane == Contracts.Lane.State)).Should().Equal(Enumerable.Range(0, Appends).Select(i => $"{i}"));
            stored.Where(e => e.Lane == Contracts.Lane.Stream).Should().OnlyContain(e => e.Sequence >= end);
            deltas += stored.Count(e => e.Lane == Contracts.Lane.Stream);
        }

        (purged + deltas).Should().Be(Writers * Appends * 3);

        async Task WriteAsync(int writer)
        {
            for (var i = 0; i < Appends; i++)
            {
                await StoreAsync(TestEvents.Topic($"t{writer}"), [TestEvents.State($"{i}"), .. Enumerable.Range(0, 3).Select(n => TestEvents.Delta($"{i}-{n}"))]);
            }
        }

        // Until it has seen every state event; deltas that were purged before it came by are not there.
        async Task<List<StoredEvent>> FollowAsync()
        {
            var all = new List<StoredEvent>();
            while (all.Count(e => e.Lane == Contracts.Lane.State) < Writers * Appends)
            {
                all.AddRange(await tail.TakeAsync(1));
            }

            return all;
        }
    }

    [Fact]
    public async Task FindSequence_Times_PartTheLog()
    {
        var beforeAll = await Harness.MarkTimeAsync();
        var first = await StoreAsync(Topic, TestEvents.State("a"), TestEvents.Delta("b"), TestEvents.Delta("c"));
        var between = await Harness.MarkTimeAsync();
        var second = await StoreAsync(TestEvents.Topic("c2"), TestEvents.State("d"));
        var last = await StoreAsync(Topic, TestEvents.Delta("e"));
        var afterAll = await Harness.MarkTimeAsync();

        (await Log.FindSequenceAsync(beforeAll, Token)).Should().BeLessThanOrEqualTo(first - 2);
        (await Log.FindSequenceAsync(between, Token)).Should().BeInRange(first + 1, second);
        (await Log.FindSequenceAsync(afterAll, Token)).Should().Be(last + 1);
        (await Log.FindSequenceAsync(DateTimeOffset.MinValue, Token)).Should().BeLessThanOrEqualTo(first - 2);
        (await Log.FindSequenceAsync(DateTimeOffset.MaxValue, Token)).Should().Be(last + 1);
    }

    [Fact]
    public async Task FindSequence_AfterAPurge_PartsWhatIsLeft()
    {
        await StoreAsync(Topic, TestEvents.State("a"));
        var first = await StoreAsync(Topic, [.. Enumerable.Range(0, 20).Select(i => TestEvents.Delta($"{i}"))]);
        var between = await Harness.MarkTimeAsync();
        var second = await StoreAsync(Topic, TestEvents.State("b"));
        await StoreAsync(Topic, [.. Enumerable.Range(20, 20).Select(i => TestEvents.Delta($"{i}"))]);
        await PurgeAsync(await Log.FindSequenceAsync(between, Token));

        (await IdsAsync(Topic)).Should().Equal(["a", "b", .. Enumerable.Range(20, 20).Select(i => $"{i}")]);
        (await Log.FindSequenceAsync(between, Token)).Should().BeInRange(first - 19, second);
        (await Log.FindSequenceAsync(DateTimeOffset.MinValue, Token)).Should().BeLessThanOrEqualTo(first);
    }

    [Fact]
    public async Task FindSequence_EmptyLog_IsNotAboveTheFirst()
    {
        (await Log.FindSequenceAsync(DateTimeOffset.MinValue, Token)).Should().BeLessThanOrEqualTo(1);
        (await Log.FindSequenceAsync(DateTimeOffset.MaxValue, Token)).Should().BeLessThanOrEqualTo(1);
    }

    private Task<long> PurgeAsync(long before) => Deadline.Within(Log.PurgeStreamLaneAsync(before, Token).AsTask());
}
