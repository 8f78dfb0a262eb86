using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

public abstract partial class EventLogSpecification
{
    private static readonly AppendResult Conflict = new(AppendStatus.Conflict, 0, 0);

    [Fact]
    public async Task Append_ExpectedStateIsLast_Stored()
    {
        var first = await AppendAsync(0, TestEvents.State("a"));
        var second = await AppendAsync(first.LastSequence, TestEvents.State("b"));

        second.Status.Should().Be(AppendStatus.Stored);
        (await IdsAsync(Topic)).Should().Equal("a", "b");
    }

    [Fact]
    public async Task Append_AnotherStateEventCameFirst_ConflictAndNothingStored()
    {
        var expected = await StoreAsync(Topic, TestEvents.State("a"));
        await StoreAsync(Topic, TestEvents.State("b"));

        (await AppendAsync(expected, TestEvents.State("c"), TestEvents.State("d"))).Should().Be(Conflict);
        (await AppendAsync(0, TestEvents.State("c"))).Should().Be(Conflict);
        (await AppendAsync(expected + 1_000, TestEvents.State("c"))).Should().Be(Conflict);
        (await IdsAsync(Topic)).Should().Equal("a", "b");
    }

    [Fact]
    public async Task Append_StateExpectedInAnEmptyTopic_Conflict() =>
        (await AppendAsync(1, TestEvents.State("a"))).Should().Be(Conflict);

    [Fact]
    public async Task Append_DeltasCameSince_Stored()
    {
        var expected = await StoreAsync(Topic, TestEvents.State("a"));
        await StoreAsync(Topic, TestEvents.Delta("b"), TestEvents.Delta("c"));

        (await AppendAsync(expected, TestEvents.State("d"))).Status.Should().Be(AppendStatus.Stored);
    }

    [Fact]
    public async Task Append_DeltasAlone_NeverConflict()
    {
        await StoreAsync(Topic, TestEvents.State("a"));

        (await AppendAsync(null, TestEvents.Delta("b"))).Status.Should().Be(AppendStatus.Stored);
    }

    [Fact]
    public async Task Append_OtherTopicsMoved_Stored()
    {
        var expected = await StoreAsync(Topic, TestEvents.State("a"));
        await StoreAsync(TestEvents.Topic("c2"), TestEvents.State("a"));
        await StoreAsync(Topic with { Tenant = "other" }, TestEvents.State("a"));

        (await AppendAsync(expected, TestEvents.State("b"))).Status.Should().Be(AppendStatus.Stored);
    }

    [Fact]
    public async Task Append_ManyWithTheSameExpectation_ExactlyOneWins()
    {
        var expected = await StoreAsync(Topic, TestEvents.State("a"));

        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => AppendAsync(expected, TestEvents.State($"w{i}"))));

        results.Should().ContainSingle(r => r.Status == AppendStatus.Stored);
        results.Count(r => r == Conflict).Should().Be(31);
        var winner = Array.FindIndex(results, r => r.Status == AppendStatus.Stored);
        (await IdsAsync(Topic)).Should().Equal("a", $"w{winner}");
    }

    [Fact]
    public async Task Append_ManyThatRetryOnConflict_AllStoredOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            AppendResult result;
            do
            {
                var newest = await Log.ReadAsync(Topic, new LogRange(1, Lanes: LaneFilter.State, Descending: true), Token);
                result = await AppendAsync(newest is [var e] ? e.Sequence : 0, TestEvents.State($"w{i}"));
            }
            while (result.Status == AppendStatus.Conflict);
        }));

        (await IdsAsync(Topic)).Should().HaveCount(8).And.OnlyHaveUniqueItems();
    }
}
