using Microsoft.Extensions.Logging.Abstractions;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Folds;

/// <summary>A fold that goes through a checkpoint is the fold that did not.</summary>
public sealed class FoldCheckpointTests
{
    private readonly InMemoryEventLog log = new();
    private readonly InMemoryDocumentStore documents = new();

    public static TheoryData<string, int> Kinds =>
        [.. from kind in (string[])["conversation", "agent", "tenant", "user"] from seed in Enumerable.Range(1, 12) select (kind, seed)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Read_AnyPrefix_LeadsToTheFoldOfAll(string kind, int seed)
    {
        var all = new RandomEvents(seed).ApplyTo(new FoldUnderTest(Topic.Parse($"{kind}:x")), 400);
        await StoreAsync(all);
        var prefix = TopicStates.Empty(all.Fold.Key);
        foreach (var e in all.Events.Take(all.Events.Count * seed / 13))
        {
            prefix = prefix.Apply(e).Fold;
        }

        await Checkpoints().WriteAsync(prefix);
        var read = await Checkpoints().ReadAsync(all.Fold.Key, TestContext.Current.CancellationToken);

        read.Should().NotBeNull();
        read.Sequence.Should().Be(prefix.Sequence);
        var rest = all.Events.Where(e => e.Sequence > read.Sequence).Aggregate(read, (fold, e) => fold.Apply(e).Fold);
        AssertSame(rest, all.Fold);
    }

    [Fact]
    public async Task Get_CheckpointAndRest_ReadsOnlyTheRest()
    {
        var all = new RandomEvents(99).ApplyTo(new FoldUnderTest(), 300);
        await StoreAsync(all);
        await Checkpoints().WriteAsync(all.Fold);
        await log.AppendAsync(all.Fold.Key, [TestEvents.State("more")], expectedState: null, TestContext.Current.CancellationToken);

        var (folds, reads) = (Folds(), log.Reads);
        var fold = await folds.GetAsync(all.Fold.Key, TestContext.Current.CancellationToken);

        fold.Sequence.Should().Be(all.Fold.Sequence + 1);
        (log.Reads - reads).Should().Be(2); // the cursor of the checkpoint is checked, and the rest is read
    }

    [Fact]
    public async Task Get_EnoughEvents_WritesACheckpointBehindTheCaller()
    {
        var all = new RandomEvents(5).ApplyTo(new FoldUnderTest(), 120);
        await StoreAsync(all);
        var options = new TopicFoldsOptions { CheckpointEvents = 100, PageEvents = 10 };

        var fold = await Folds(options).GetAsync(all.Fold.Key, TestContext.Current.CancellationToken);

        AssertSame(fold, all.Fold);
        await Deadline.Within(WrittenAsync());
        AssertSame((await Checkpoints().ReadAsync(all.Fold.Key, TestContext.Current.CancellationToken))!, all.Fold);

        async Task WrittenAsync()
        {
            while (await documents.GetAsync("fold.acme.conversation.c1", TestContext.Current.CancellationToken) is null)
            {
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Read_LogRolledBack_IsNotUsed()
    {
        var all = new RandomEvents(7).ApplyTo(new FoldUnderTest(), 50);
        await StoreAsync(all);
        await Checkpoints().WriteAsync(all.Fold);

        log.RollBack(40);

        (await Checkpoints().ReadAsync(all.Fold.Key, TestContext.Current.CancellationToken)).Should().BeNull();
        (await Folds().GetAsync(all.Fold.Key, TestContext.Current.CancellationToken)).Sequence.Should().Be(40);
    }

    [Fact]
    public async Task Read_LogRenewed_IsNotUsed()
    {
        var all = new RandomEvents(7).ApplyTo(new FoldUnderTest(), 50);
        await StoreAsync(all);
        await Checkpoints().WriteAsync(all.Fold);

        log.Renew();

        (await Folds().GetAsync(all.Fold.Key, TestContext.Current.CancellationToken)).Exists.Should().BeFalse();
    }

    [Fact]
    public async Task Read_GarbageInTheDocument_IsMadeAnew()
    {
        var all = new RandomEvents(7).ApplyTo(new FoldUnderTest(), 50);
        await StoreAsync(all);
        foreach (var garbage in (byte[][])[[], [1, 2, 3], "not brotli at all"u8.ToArray()])
        {
            await documents.PutAsync("fold.acme.conversation.c1", garbage, expectedRevision: null, TestContext.Current.CancellationToken);

            AssertSame(await Folds().GetAsync(all.Fold.Key, TestContext.Current.CancellationToken), all.Fold);
        }
    }

    [Fact]
    public async Task Write_StoreIsDown_DoesNotThrow()
    {
        documents.Faults.IsDown = true;

        await Checkpoints().WriteAsync(new RandomEvents(7).ApplyTo(new FoldUnderTest(), 5).Fold);
    }

    // A fold has no equality of its own: what it shows, remembers and expects is what counts.
    private static void AssertSame(TopicFold actual, TopicFold expected)
    {
        (actual.Sequence, actual.LastState).Should().Be((expected.Sequence, expected.LastState));
        Convert.ToBase64String(actual.WriteSnapshot(1).Span).Should().Be(Convert.ToBase64String(expected.WriteSnapshot(1).Span));
        actual.State.OldestOpen.Should().Be(expected.State.OldestOpen);
        actual.State.Readers.Should().Equal(expected.State.Readers);
        actual.Recent.Keys.Should().BeEquivalentTo(expected.Recent.Keys);
        actual.Recent.Events.Should().BeEquivalentTo(expected.Recent.Events);
        actual.Recent.Order.Should().Equal(expected.Recent.Order);
    }

    private async Task StoreAsync(FoldUnderTest fold)
    {
        foreach (var e in fold.Events)
        {
            await log.AppendAsync(e.Topic, [new NewEvent(e.Id, e.Lane, e.Body, e.Meta)], expectedState: null, TestContext.Current.CancellationToken);
        }
    }

    private FoldCheckpoints Checkpoints(TopicFoldsOptions? options = null) =>
        new(log, documents, new CursorCheck(log), options ?? new TopicFoldsOptions(), NullLogger<FoldCheckpoints>.Instance);

    private TopicFolds Folds(TopicFoldsOptions? options = null) =>
        new(log, Checkpoints(options), options ?? new TopicFoldsOptions(), new Limits(), TimeProvider.System);
}
