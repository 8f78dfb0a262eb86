using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

public abstract partial class EventLogSpecification
{
    [Fact]
    public async Task Tail_FromTheStart_SeesEveryTopicInOrder()
    {
        await StoreAsync(Topic, TestEvents.State("a"), TestEvents.Delta("b"));
        await StoreAsync(Topic with { Tenant = "other" }, TestEvents.State("c", meta: new EventMeta("key")));

        await using var tail = new TailReader(Log, 0);
        var events = await tail.TakeAsync(3);

        IdsOf(events).Should().Equal("a", "b", "c");
        events[2].Topic.Should().Be(Topic with { Tenant = "other" });
        events[2].Meta.Should().Be(new EventMeta("key"));
        events[0].Body.ToArray().Should().Equal(TestEvents.State("a").Body.ToArray());
    }

    [Fact]
    public async Task Tail_FromTheMiddle_SeesWhatIsAfter()
    {
        var middle = await StoreAsync(Topic, TestEvents.State("a"), TestEvents.State("b"));
        await StoreAsync(Topic, TestEvents.State("c"));

        await using var tail = new TailReader(Log, middle);

        IdsOf(await tail.TakeAsync(1)).Should().Equal("c");
    }

    [Fact]
    public async Task Tail_Waiting_WakesAtEachAppend()
    {
        await StoreAsync(Topic, TestEvents.State("old"));
        await using var tail = new TailReader(Log, (await Log.GetHeadAsync(Token)).LastSequence);
        for (var i = 0; i < 20; i++)
        {
            var wait = tail.WaitAsync();
            wait.IsCompleted.Should().BeFalse("nothing new is there");
            await StoreAsync(Topic, TestEvents.Delta($"{i}"));
            await wait;
            IdsOf(await tail.TakeAsync(1)).Should().Equal($"{i}");
        }
    }

    [Fact]
    public async Task Tail_AfterWhatIsNotYetThere_BeginsThere()
    {
        var head = await StoreAsync(Topic, TestEvents.State("a"));
        await using var tail = new TailReader(Log, head + 2);
        var wait = tail.WaitAsync();

        await StoreAsync(Topic, TestEvents.State("b"), TestEvents.State("c"), TestEvents.State("d"));

        await wait;
        IdsOf(await tail.TakeAsync(1)).Should().Equal("d");
    }

    [Fact]
    public async Task Tail_Cancelled_Ends()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var batches = Log.TailAsync(0, stop.Token).GetAsyncEnumerator(stop.Token);
        var next = batches.MoveNextAsync().AsTask();

        await stop.CancelAsync();

        await FluentActions.Awaiting(() => Deadline.Within(next)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Tail_SeveralWithManyWriters_EachSeesWhatReadsSee()
    {
        const int Writers = 8, Appends = 25, Total = Writers * Appends * 2;
        await using var early = new TailReader(Log, 0);
        var begun = early.WaitAsync();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(WriteAsync));
        await begun;
        await using var joined = new TailReader(Log, 0);
        var tails = await Task.WhenAll(early.TakeAsync(Total), joined.TakeAsync(Total));
        await Deadline.Within(writing);
        await using var late = new TailReader(Log, 0);
        var all = await late.TakeAsync(Total);

        all.Select(e => e.Sequence).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        foreach (var tail in tails)
        {
            tail.Select(e => (e.Topic, e.Sequence, e.Id)).Should().Equal(all.Select(e => (e.Topic, e.Sequence, e.Id)));
        }

        for (var writer = 0; writer < Writers; writer++)
        {
            var topic = TestEvents.Topic($"t{writer}");
            IdsOf(all.Where(e => e.Topic == topic)).Should().Equal(await IdsAsync(topic));
        }

        // Two lanes of a topic of its own, and a state event in a topic that all share, so that batches mix topics.
        async Task WriteAsync(int writer)
        {
            for (var i = 0; i < Appends; i++)
            {
                await StoreAsync(TestEvents.Topic($"t{writer}"), i % 2 == 0 ? TestEvents.State($"{i}") : TestEvents.Delta($"{i}"));
                await StoreAsync(Topic, TestEvents.State($"{writer}-{i}"));
            }
        }
    }

    [Fact]
    public async Task Tail_FarBehindWithLongEvents_ComesInBoundedBatches()
    {
        var text = new string('x', 500 * 1024);
        for (var i = 0; i < 20; i++)
        {
            await StoreAsync(TestEvents.Topic($"t{i % 3}"), TestEvents.State($"{i}", text));
        }

        var seen = new List<StoredEvent>();
        await using var batches = Log.TailAsync(0, Token).GetAsyncEnumerator(Token);
        while (seen.Count < 20)
        {
            await Deadline.Within(batches.MoveNextAsync().AsTask());
            batches.Current.Sum(e => e.Body.Length).Should().BeLessThanOrEqualTo(LogRange.DefaultMaxBytes);
            seen.AddRange(batches.Current);
        }

        IdsOf(seen).Should().Equal(Enumerable.Range(0, 20).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Tail_ResumedAnywhere_ContinuesWithoutGap()
    {
        await StoreAsync(Topic, [.. Enumerable.Range(0, 60).Select(i => TestEvents.Delta($"{i}"))]);
        var seen = new List<StoredEvent>();
        while (seen.Count < 60)
        {
            await using var tail = new TailReader(Log, seen.Count == 0 ? 0 : seen[^1].Sequence);
            seen.AddRange(await tail.TakeAsync(Math.Min(7, 60 - seen.Count)));
        }

        IdsOf(seen).Should().Equal(Enumerable.Range(0, 60).Select(i => $"{i}"));
    }
}
