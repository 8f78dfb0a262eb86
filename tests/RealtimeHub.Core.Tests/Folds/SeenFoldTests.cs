using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Folds;

/// <summary>Folds that are had without asking the log: they may lack the newest, and nothing between.</summary>
public sealed class SeenFoldTests
{
    private readonly FakeTimeProvider time = new(TestEvents.Time);
    private readonly InMemoryEventLog log;
    private readonly RemoteLog remote;
    private readonly TopicFolds folds;
    private readonly TopicFoldsOptions options = new();
    private long tail;
    private int appended;

    public SeenFoldTests()
    {
        log = new InMemoryEventLog(time: time);
        remote = new RemoteLog(log);
        var checkpoints = new FoldCheckpoints(
            remote, new InMemoryDocumentStore(), new CursorCheck(remote), options, NullLogger<FoldCheckpoints>.Instance);
        folds = new TopicFolds(remote, checkpoints, options, new Limits(), time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic { get; } = TestEvents.Topic();

    [Fact]
    public async Task Seen_WhatTheTailBrought_IsThereWithoutAskingTheLog()
    {
        folds.Begin(default);
        await AppendAsync();
        await folds.GetAsync(Topic, Token);
        await AppendAsync();
        Bring(int.MaxValue);
        var asked = remote.Asked;

        var seen = await folds.GetSeenAsync(Topic, Token);

        (seen.IsCurrent, seen.Fold.Sequence, remote.Asked).Should().Be((false, 2, asked));
    }

    [Fact]
    public async Task Seen_BeforeTheTailHasBegun_TheLogIsAsked()
    {
        await AppendAsync();
        await folds.GetAsync(Topic, Token);
        await AppendAsync();
        tail = 2;
        folds.Begin(default); // behind both
        await AppendAsync();
        Bring(int.MaxValue);

        var seen = await folds.GetSeenAsync(Topic, Token);

        seen.IsCurrent.Should().BeTrue();
        seen.Fold.Sequence.Should().Be(3);
        IsWhole(seen.Fold).Should().BeTrue();
    }

    [Fact]
    public async Task Seen_OfAFoldThatNobodyAskedForLong_TheLogIsAsked()
    {
        folds.Begin(default);
        await folds.GetAsync(Topic, Token);
        time.Advance(options.FollowedFor);
        await AppendAsync();
        Bring(int.MaxValue);

        (await folds.GetSeenAsync(Topic, Token)).IsCurrent.Should().BeTrue();
    }

    [Fact]
    public async Task Seen_AfterAReadThatFailed_LacksNothing()
    {
        await AppendAsync();
        await folds.GetAsync(Topic, Token); // before the tail: it does not follow
        await AppendAsync();
        tail = 2;
        folds.Begin(default);
        remote.FailNextRead = true;
        await FluentActions.Awaiting(async () => await folds.GetAsync(Topic, Token)).Should().ThrowAsync<LogUnavailableException>();
        await AppendAsync();
        Bring(int.MaxValue);

        IsWhole((await folds.GetSeenAsync(Topic, Token)).Fold).Should().BeTrue();
    }

    [Fact]
    public async Task Get_WhoWaitsForAReadThatFails_IsAnsweredWithIt()
    {
        await AppendAsync();
        remote.Hold();
        var waiting = Enumerable.Range(0, 3).Select(_ => folds.GetAsync(Topic, Token).AsTask()).ToList();
        var asked = remote.Asked;

        time.Advance(TimeSpan.FromSeconds(2));
        remote.FailNextPage = true;
        remote.LetGo();

        foreach (var one in waiting)
        {
            await FluentActions.Awaiting(() => one).Should().ThrowAsync<LogUnavailableException>();
        }

        remote.Asked.Should().Be(asked, "each would have waited as long again, one after the other");
        time.Advance(TimeSpan.FromMilliseconds(1));
        IsWhole(await folds.GetAsync(Topic, Token)).Should().BeTrue();
    }

    [Fact]
    public async Task With_AnEventThatTheTailBrought_TheLogIsNotAsked()
    {
        folds.Begin(default);
        await AppendAsync();
        await folds.GetAsync(Topic, Token);
        await AppendAsync();
        Bring(int.MaxValue);
        var (epoch, asked) = ((await log.GetHeadAsync(Token)).Epoch, remote.Asked);

        var fold = await folds.GetWithAsync(Topic, epoch, 2, Token);

        (fold.Sequence, remote.Asked).Should().Be((2, asked));
    }

    [Theory]
    [InlineData(0, false)] // the tail has not come so far
    [InlineData(int.MaxValue, true)] // what the tail brought was of another log
    public async Task With_AnEventThatTheTailDidNotBring_TheLogIsAsked(int brought, bool isOtherEpoch)
    {
        folds.Begin(default);
        await AppendAsync();
        await folds.GetAsync(Topic, Token);
        await AppendAsync();
        Bring(brought);
        var (epoch, asked) = ((await log.GetHeadAsync(Token)).Epoch + (isOtherEpoch ? 1UL : 0), remote.Asked);

        var fold = await folds.GetWithAsync(Topic, epoch, 2, Token);

        fold.Sequence.Should().Be(2);
        remote.Asked.Should().BeGreaterThan(asked);
    }

    // Appends, reads that take their time, a tail that lags and begins again, in any order: fixed seeds.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Seen_InAnyOrder_LacksNothingBelowItsEnd(int seed)
    {
        var random = new Random(seed);
        var reading = new List<Task<TopicFold>>();
        for (var step = 0; step < 5_000; step++)
        {
            switch (random.Next(11))
            {
                case 0 or 1 or 2:
                    await AppendAsync();
                    break;
                case 3 or 4:
                    Bring(random.Next(1, 5));
                    break;
                case 5:
                    remote.Hold();
                    reading.Add(folds.GetAsync(Topic, Token).AsTask());
                    break;
                case 6:
                    remote.LetGo();
                    foreach (var read in await Task.WhenAll(reading))
                    {
                        IsWhole(read).Should().BeTrue();
                    }

                    reading.Clear();
                    break;
                case 7 when reading.Count == 0:
                    IsWhole((await folds.GetSeenAsync(Topic, Token)).Fold).Should().BeTrue("at step {0}", step);
                    break;
                case 8 or 9:
                    await AppendOwnAsync();
                    break;
                case 10 when random.Next(20) == 0:
                    tail = log.Events.Count > 0 ? log.Events[^1].Sequence : 0; // it begins at the head, as after a replacement
                    folds.Begin(default);
                    break;
            }
        }
    }

    private async Task AppendAsync() => await log.AppendAsync(Topic, [TestEvents.State($"e{++appended}")], null, Token);

    /// <summary>This node decides something, and appends it; now and then a delta of nothing was there before it.</summary>
    private async Task AppendOwnAsync()
    {
        if (!remote.IsHeld && await folds.GetSeenAsync(Topic, Token) is var (fold, _))
        {
            await log.AppendAsync(Topic, [TestEvents.Delta($"d{++appended}")], null, Token);
            var e = TestEvents.State($"e{++appended}");
            if (await log.AppendAsync(Topic, [e], fold.LastState.Sequence, Token) is { Status: AppendStatus.Stored } stored)
            {
                folds.NoteAppended(Topic, e, stored.LastSequence, fold.LastState.Sequence);
                (await folds.GetSeenAsync(Topic, Token)).Fold.Sequence.Should().Be(stored.LastSequence);
            }
        }
    }

    /// <summary>The tail brings so many events more.</summary>
    private void Bring(int most)
    {
        foreach (var e in log.Events.Where(e => e.Sequence > tail).Take(most).ToList())
        {
            folds.See(e);
            tail = e.Sequence;
        }
    }

    private bool IsWhole(TopicFold fold) =>
        log.Events.Where(e => e.Lane == Lane.State && e.Sequence <= fold.Sequence).TakeLast(1_000).All(e => fold.Recent.FindEvent(e.Id, time.GetUtcNow()) is not null);

    /// <summary>A log behind a network: its answers can be held back.</summary>
    private sealed class RemoteLog(InMemoryEventLog log) : IEventLog
    {
        private TaskCompletionSource open = Opened();

        public bool IsRemote => true;

        public int Asked { get; private set; }

        public bool FailNextRead { get; set; }

        /// <summary>The page that is held does not come.</summary>
        public bool FailNextPage { get; set; }

        public bool IsHeld => !open.Task.IsCompleted;

        public void Hold()
        {
            if (open.Task.IsCompleted)
            {
                open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public void LetGo() => open.TrySetResult();

        public ValueTask<LogHead> GetHeadAsync(CancellationToken cancellationToken)
        {
            Asked++;
            return log.GetHeadAsync(cancellationToken);
        }

        public async ValueTask<EventPage> ReadAsync(TopicKey topic, LogRange range, CancellationToken cancellationToken)
        {
            Asked++;
            if (FailNextRead)
            {
                FailNextRead = false;
                throw new LogUnavailableException("Failed.");
            }

            var page = await log.ReadAsync(topic, range, cancellationToken);
            await open.Task.WaitAsync(cancellationToken);
            if (FailNextPage)
            {
                FailNextPage = false;
                throw new LogUnavailableException("Failed.");
            }

            return page;
        }

        public ValueTask<AppendResult> AppendAsync(
            TopicKey topic, IReadOnlyList<NewEvent> events, long? expectedState, CancellationToken cancellationToken) =>
            log.AppendAsync(topic, events, expectedState, cancellationToken);

        public ValueTask<IReadOnlyDictionary<string, StoredEvent>> FindAsync(
            TopicKey topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => log.FindAsync(topic, ids, cancellationToken);

        public async IAsyncEnumerable<IReadOnlyList<StoredEvent>> TailAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var batch in log.TailAsync(after, cancellationToken))
            {
                yield return batch;
            }
        }

        public ValueTask<long> FindSequenceAsync(DateTimeOffset time, CancellationToken cancellationToken) => log.FindSequenceAsync(time, cancellationToken);

        public ValueTask<long> PurgeStreamLaneAsync(long before, CancellationToken cancellationToken) => log.PurgeStreamLaneAsync(before, cancellationToken);

        public ValueTask<long> RemoveTopicAsync(TopicKey topic, long through, CancellationToken cancellationToken) =>
            log.RemoveTopicAsync(topic, through, cancellationToken);

        private static TaskCompletionSource Opened()
        {
            var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            opened.SetResult();
            return opened;
        }
    }
}
