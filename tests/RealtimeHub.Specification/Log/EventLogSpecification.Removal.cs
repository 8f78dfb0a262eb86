using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

public abstract partial class EventLogSpecification
{
    private static TopicKey Other { get; } = TestEvents.Topic("other");

    [Fact]
    public async Task RemoveTopic_Whole_LeavesNothingOfItAndEverythingElse()
    {
        await StoreAsync(Other, TestEvents.State("x"), TestEvents.Delta("y"));
        var tenant = Topic with { Tenant = "other" };
        await StoreAsync(tenant, TestEvents.State("z"));
        await MixedAsync();
        var head = await Log.GetHeadAsync(Token);

        (await RemoveAsync(Topic, head.LastSequence)).Should().Be(6);

        (await IdsAsync(Topic)).Should().BeEmpty();
        (await Log.ReadAsync(Topic, new LogRange(10, Lanes: LaneFilter.State, Descending: true), Token)).Should().BeEmpty();
        (await Log.FindAsync(Topic, ["0", "1", "5"], Token)).Should().BeEmpty();
        (await IdsAsync(Other)).Should().Equal("x", "y");
        (await IdsAsync(tenant)).Should().Equal("z");
        (await Log.GetHeadAsync(Token)).Should().Be(head);
    }

    [Fact]
    public async Task RemoveTopic_UpToASequence_LeavesWhatIsAbove()
    {
        var s = await MixedAsync();

        (await RemoveAsync(Topic, s[3])).Should().Be(4);

        (await IdsAsync(Topic)).Should().Equal("4", "5");
        (await AppendAsync(s[5], TestEvents.State("6"))).Status.Should().Be(AppendStatus.Stored);
        (await IdsAsync(Topic)).Should().Equal("4", "5", "6");
    }

    [Fact]
    public async Task RemoveTopic_Again_RemovesNothingAndNeitherDoesAnUnknownOne()
    {
        var s = await MixedAsync();
        await RemoveAsync(Topic, s[5]);

        (await RemoveAsync(Topic, s[5])).Should().Be(0);
        (await RemoveAsync(Topic, 0)).Should().Be(0);
        (await RemoveAsync(TestEvents.Topic("never"), long.MaxValue)).Should().Be(0);
    }

    [Fact]
    public async Task RemoveTopic_ThenMadeAnew_HasNewSequencesAndNothingOfTheOld()
    {
        var s = await MixedAsync();
        (await RemoveAsync(Topic, long.MaxValue)).Should().Be(6);

        (await AppendAsync(s[5], TestEvents.State("a"))).Status.Should().Be(AppendStatus.Conflict, "what was expected is gone");
        var anew = await AppendAsync(0, TestEvents.State("0"));

        anew.Should().Match<AppendResult>(r => r.Status == AppendStatus.Stored && r.Duplicates == 0 && r.LastSequence > s[5]);
        (await IdsAsync(Topic)).Should().Equal("0");
        (await RemoveAsync(Topic, s[5])).Should().Be(0, "the new one is above");
        (await IdsAsync(Topic)).Should().Equal("0");
    }

    [Fact]
    public async Task RemoveTopic_CursorIntoIt_DoesNotFitAnyMore()
    {
        var s = await MixedAsync();
        var last = (await Log.ReadAsync(Topic, new LogRange(1, Lanes: LaneFilter.State, Descending: true), Token))[0];
        var cursor = Cursor.At((await Log.GetHeadAsync(Token)).Epoch, Topic, s[5], StateMark.Of(last));
        var check = new CursorCheck(Log);
        (await check.CheckAsync(Topic, cursor, Token)).Should().Be(CursorFit.Fits);

        await RemoveAsync(Topic, s[5]);
        (await check.CheckAsync(Topic, cursor, Token)).Should().Be(CursorFit.Foreign);

        await StoreAsync(Topic, TestEvents.State("anew"));
        (await check.CheckAsync(Topic, cursor, Token)).Should().Be(CursorFit.Foreign);
    }

    [Fact]
    public async Task RemoveTopic_TheNewestEvents_GivesNoSequenceAgain()
    {
        await StoreAsync(Other, TestEvents.State("x"));
        var last = await StoreAsync(Topic, TestEvents.State("a"), TestEvents.Delta("b"));

        await RemoveAsync(Topic, last);

        (await StoreAsync(Other, TestEvents.State("y"))).Should().BeGreaterThan(last);
    }

    [Fact]
    public async Task RemoveTopic_TailBehind_SkipsWhatIsGone()
    {
        await StoreAsync(Other, TestEvents.State("x"));
        var last = await StoreAsync(Topic, [.. Enumerable.Range(0, 120).Select(i => i % 2 == 0 ? TestEvents.State($"{i}") : TestEvents.Delta($"{i}"))]);
        await RemoveAsync(Topic, last);
        await using var all = new TailReader(Log, 0);
        await using var within = new TailReader(Log, last - 60);
        IdsOf(await all.TakeAsync(1)).Should().Equal("x");
        var (wait, waitWithin) = (all.WaitAsync(), within.WaitAsync());

        await StoreAsync(Topic, TestEvents.State("anew"));

        await Task.WhenAll(wait, waitWithin);
        IdsOf(await all.TakeAsync(1)).Should().Equal("anew");
        IdsOf(await within.TakeAsync(1)).Should().Equal("anew");
    }

    [Fact]
    public async Task RemoveTopic_WhileWritersGoOn_TouchesNothingAboveAndNoOtherTopic()
    {
        const int Before = 700, During = 60;
        var last = await StoreAsync(Topic, [.. Enumerable.Range(0, Before).Select(i => i % 3 == 0 ? TestEvents.State($"{i}") : TestEvents.Delta($"{i}"))]);
        var writing = Task.WhenAll(WriteAsync(Topic), WriteAsync(Other));

        (await RemoveAsync(Topic, last)).Should().Be(Before);
        await Deadline.Within(writing);

        (await IdsAsync(Topic)).Should().Equal(Enumerable.Range(0, During).Select(i => $"new-{i}"));
        (await IdsAsync(Other)).Should().Equal(Enumerable.Range(0, During).Select(i => $"new-{i}"));

        async Task WriteAsync(TopicKey topic)
        {
            for (var i = 0; i < During; i++)
            {
                await StoreAsync(topic, TestEvents.State($"new-{i}"));
            }
        }
    }

    private Task<long> RemoveAsync(TopicKey topic, long through) => Deadline.Within(Log.RemoveTopicAsync(topic, through, Token).AsTask());
}
