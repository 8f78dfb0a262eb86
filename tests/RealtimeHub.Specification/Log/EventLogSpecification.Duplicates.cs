using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

public abstract partial class EventLogSpecification
{
    [Fact]
    public async Task Append_IdAgain_KeepsTheFirst()
    {
        var first = await StoreAsync(Topic, TestEvents.State("a", "first"));
        await StoreAsync(Topic, TestEvents.Delta("b"));

        var again = await AppendAsync(null, TestEvents.State("a", "second"));

        again.Should().Be(new AppendResult(AppendStatus.Stored, first, 1));
        (await IdsAsync(Topic)).Should().Equal("a", "b");
        (await Log.ReadAsync(Topic, new LogRange(1), Token))[0].Body.ToArray().Should().Equal(TestEvents.State("a", "first").Body.ToArray());
    }

    [Fact]
    public async Task Append_IdAgainOnTheStreamLane_KeepsTheFirst()
    {
        var first = await StoreAsync(Topic, TestEvents.Delta("a"));

        (await AppendAsync(null, TestEvents.Delta("a"))).Should().Be(new AppendResult(AppendStatus.Stored, first, 1));
    }

    [Fact]
    public async Task Append_SameIdInAnotherTopicOrTenant_IsAnotherEvent()
    {
        await StoreAsync(Topic, TestEvents.State("a"));
        TopicKey[] others = [TestEvents.Topic("c2"), Topic with { Tenant = "other" }, new("acme", Contracts.Topic.Process("c1"))];
        foreach (var other in others)
        {
            var result = await Log.AppendAsync(other, [TestEvents.State("a")], 0, Token);
            result.Duplicates.Should().Be(0);
            (await IdsAsync(other)).Should().Equal("a");
        }

        (await IdsAsync(Topic)).Should().Equal("a");
    }

    [Fact]
    public async Task Append_DuplicateWithAStaleExpectation_IsAcknowledged()
    {
        var first = await AppendAsync(0, TestEvents.State("a"));
        await StoreAsync(Topic, TestEvents.State("b"));

        (await AppendAsync(0, TestEvents.State("a"))).Should().Be(first with { Duplicates = 1 });
    }

    [Fact]
    public async Task Append_DuplicatesAndNewOnes_StoresTheNew()
    {
        await StoreAsync(Topic, TestEvents.State("a"), TestEvents.Delta("b"));

        var result = await AppendAsync(null, TestEvents.State("a"), TestEvents.State("c"), TestEvents.Delta("b"), TestEvents.Delta("d"));

        result.Duplicates.Should().Be(2);
        (await IdsAsync(Topic)).Should().Equal("a", "b", "c", "d");
        result.LastSequence.Should().Be((await Log.GetHeadAsync(Token)).LastSequence);
    }

    [Fact]
    public async Task Append_NewOnesThenADuplicate_AnswersTheDuplicatesSequence()
    {
        var first = await StoreAsync(Topic, TestEvents.State("a"));

        (await AppendAsync(null, TestEvents.State("b"), TestEvents.State("a"))).Should().Be(new AppendResult(AppendStatus.Stored, first, 1));
        (await IdsAsync(Topic)).Should().Equal("a", "b");
    }

    [Fact]
    public async Task Append_IdTwiceInOneAppend_IsStoredOnce()
    {
        var result = await AppendAsync(0, TestEvents.State("a", "first"), TestEvents.State("a", "second"));

        result.Duplicates.Should().Be(1);
        (await IdsAsync(Topic)).Should().Equal("a");
    }

    [Fact]
    public async Task Append_OwnEarlierEventAndNew_ExpectationBeforeOrAfterItIsGood()
    {
        var before = await StoreAsync(Topic, TestEvents.State("a"));
        var own = await AppendAsync(before, TestEvents.State("b"));

        var retried = await AppendAsync(before, TestEvents.State("b"), TestEvents.State("c"));
        retried.Status.Should().Be(AppendStatus.Stored);
        (await AppendAsync(retried.LastSequence, TestEvents.State("b"), TestEvents.State("d"))).Status.Should().Be(AppendStatus.Stored);
        own.Status.Should().Be(AppendStatus.Stored);
        (await IdsAsync(Topic)).Should().Equal("a", "b", "c", "d");
    }

    [Fact]
    public async Task Append_OwnEarlierEventAndNewButAnotherCameAfter_Conflict()
    {
        var before = await StoreAsync(Topic, TestEvents.State("a"));
        await AppendAsync(before, TestEvents.State("b"));
        await StoreAsync(Topic, TestEvents.State("x"));

        (await AppendAsync(before, TestEvents.State("b"), TestEvents.State("c"))).Should().Be(Conflict);
        (await IdsAsync(Topic)).Should().Equal("a", "b", "x");
    }

    [Fact]
    public async Task Append_SameIdFromManyAtOnce_IsStoredOnce()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => AppendAsync(null, TestEvents.State("a"))));

        results.Select(r => r.LastSequence).Distinct().Should().ContainSingle();
        results.Count(r => r.Duplicates == 0).Should().Be(1);
        (await IdsAsync(Topic)).Should().Equal("a");
    }

    [Fact]
    public async Task Find_SomeIds_AnswersThoseOfTheTopic()
    {
        await StoreAsync(Topic, TestEvents.State("a"), TestEvents.Delta("b"), TestEvents.State("c", meta: new EventMeta("key")));
        await StoreAsync(TestEvents.Topic("c2"), TestEvents.State("d"));

        var found = await Log.FindAsync(Topic, ["c", "b", "d", "none"], Token);

        found.Keys.Should().BeEquivalentTo("b", "c");
        found["c"].Id.Should().Be("c");
        found["c"].Meta.Should().Be(new EventMeta("key"));
        found["b"].Sequence.Should().BeLessThan(found["c"].Sequence);
    }

    [Fact]
    public async Task Find_UnknownTopicOrNoIds_AnswersNothing()
    {
        (await Log.FindAsync(Topic, ["a"], Token)).Should().BeEmpty();
        (await Log.FindAsync(Topic, [], Token)).Should().BeEmpty();
    }
}
