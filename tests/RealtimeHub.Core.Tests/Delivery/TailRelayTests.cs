using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>Whoever follows the log through the node's tail gets every event once, in order, and seldom asks the log.</summary>
public sealed class TailRelayTests
{
    private readonly InMemoryEventLog log = new();
    private readonly TailRelay relay;
    private int brought;

    public TailRelayTests() => relay = new TailRelay(log);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FromTheHead_EverythingComesFromTheTail_AndTheLogIsNotAsked()
    {
        Append(3);
        Begin();

        await using var follower = Follow(after: 3);
        var taking = TakeAsync(follower, 4);
        Bring(4);

        (await taking).Should().Equal(4, 5, 6, 7);
        log.Tails.Should().Be(0);
    }

    [Fact]
    public async Task FromTheBeginning_WhatTheTailIsBeyond_IsReadFromTheLog()
    {
        Append(3);
        Begin();
        Bring(2);

        await using var follower = Follow(after: 0);
        (await TakeAsync(follower, 5)).Should().Equal(1, 2, 3, 4, 5);
        Bring(2);
        (await TakeAsync(follower, 2)).Should().Equal(6, 7);
        log.Tails.Should().Be(1);
    }

    [Fact]
    public async Task BeforeTheTailBegins_TheFollowerWaits()
    {
        await using var follower = Follow(after: 0);
        var first = follower.MoveNextAsync();
        first.IsCompleted.Should().BeFalse();

        Begin();
        Bring(1);

        (await first).Should().BeTrue();
        Sequences(follower.Current).Should().Equal(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task JoiningWhileMuchIsWritten_EverythingComesOnce(int seed)
    {
        const int All = 20_000;
        var random = new Random(seed);
        Begin();
        var writing = Task.Run(
            () =>
            {
                while (brought < All)
                {
                    Bring(Math.Min(random.Next(1, 50), All - brought));
                }
            },
            Token);

        var followers = Enumerable.Range(0, 4).Select(async i =>
        {
            var from = Math.Min(i * 1_000, Volatile.Read(ref brought));
            await using var follower = Follow(from);
            (await TakeAsync(follower, All - from)).Should().Equal(Enumerable.Range(from + 1, All - from).Select(n => (long)n));
        });

        await Deadline.Within(Task.WhenAll(followers));
        await writing;
    }

    [Fact]
    public async Task TooMuchWaits_TheRestIsReadFromTheLog()
    {
        const int Count = 40;
        Begin();
        await using var follower = Follow(after: 0);
        var first = follower.MoveNextAsync();
        Bring(1);
        (await first).Should().BeTrue();

        Bring(Count, new string('x', 1 << 20));

        (await TakeAsync(follower, Count)).Should().Equal(Enumerable.Range(2, Count).Select(n => (long)n));
        log.Tails.Should().Be(1);
        Bring(1);
        (await TakeAsync(follower, 1)).Should().Equal(Count + 2);
    }

    [Fact]
    public async Task LogReplaced_FollowersAreTold_AndThoseOfTheOldLogAreTurnedAway()
    {
        Begin();
        await using var follower = Follow(after: 0);
        var next = follower.MoveNextAsync().AsTask();

        relay.LogReplaced();
        await new Func<Task>(() => next).Should().ThrowAsync<LogUnavailableException>();
        relay.Begin(new LogHead(log.Epoch + 1, 0));

        await using var late = Follow(after: 0);
        await new Func<Task>(() => late.MoveNextAsync().AsTask()).Should().ThrowAsync<LogUnavailableException>();
    }

    [Fact]
    public async Task Cancelled_TheFollowerEnds()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Begin();
        await using var follower = relay.FollowAsync(log.Epoch, 0, cancellation.Token).GetAsyncEnumerator(cancellation.Token);
        var next = follower.MoveNextAsync().AsTask();

        await cancellation.CancelAsync();

        await new Func<Task>(() => next).Should().ThrowAsync<OperationCanceledException>();
    }

    private static IEnumerable<long> Sequences(IReadOnlyList<StoredEvent> batch) => batch.Select(e => e.Sequence);

    private static async Task<List<long>> TakeAsync(IAsyncEnumerator<IReadOnlyList<StoredEvent>> follower, int count)
    {
        var taken = new List<long>();
        while (taken.Count < count && await follower.MoveNextAsync())
        {
            taken.AddRange(Sequences(follower.Current));
        }

        return taken;
    }

    private void Append(int count, string text = "")
    {
        for (var i = 0; i < count; i++)
        {
            log.Append(TestEvents.Topic(), [TestEvents.State($"e{++brought}", text)], expectedState: null);
        }
    }

    private void Begin() => relay.Begin(new LogHead(log.Epoch, brought));

    // As the tail does: what is there now goes to whoever observes it.
    private void Bring(int count, string text = "")
    {
        var before = brought;
        Append(count, text);
        foreach (var e in log.Events.Skip(before))
        {
            relay.See(e);
        }
    }

    private IAsyncEnumerator<IReadOnlyList<StoredEvent>> Follow(long after) => relay.FollowAsync(log.Epoch, after, Token).GetAsyncEnumerator(Token);
}
