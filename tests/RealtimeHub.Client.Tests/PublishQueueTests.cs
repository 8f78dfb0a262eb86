using RealtimeHub.Client.Agents;
using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests;

public sealed class PublishQueueTests : IDisposable
{
    private readonly FakePublisher server = new();
    private readonly CancellationTokenSource aborted = new();
    private readonly PublishQueue queue;

    public PublishQueueTests() =>
        queue = new PublishQueue("conversation:c1", "writer", server.PublishAsync, TimeProvider.System, aborted.Token);

    public void Dispose() => aborted.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enqueue_WhileARequestIsUnderWay_GathersIntoTheNext()
    {
        var gate = server.Hold();
        await EnqueueAsync(0, 1);
        await server.Called.UntilAsync(() => server.Calls.Count == 1);
        await EnqueueAsync(1, 41);
        gate.SetResult();
        await queue.FlushAsync(Token).InTime();

        server.Calls.Select(c => c.Events.Count).Should().Equal(1, 40);
        server.Ids().Should().Equal(Enumerable.Range(0, 41).Select(n => $"{n}"));
    }

    [Fact]
    public async Task Enqueue_MoreThanARequestHolds_CutsAt500()
    {
        var gate = server.Hold();
        await EnqueueAsync(0, 1201);
        gate.SetResult();
        await queue.FlushAsync(Token).InTime();

        server.Calls.Should().OnlyContain(c => c.Events.Count <= 500);
        server.Ids().Should().Equal(Enumerable.Range(0, 1201).Select(n => $"{n}"));
    }

    [Fact]
    public async Task Enqueue_LargeEvents_CutsBelowAMegabyte()
    {
        var gate = server.Hold();
        var text = new string('x', 200_000);
        for (var n = 0; n < 12; n++)
        {
            await queue.EnqueueAsync(Event($"{n}", text: text), Token).InTime();
        }

        gate.SetResult();
        await queue.FlushAsync(Token).InTime();

        server.Calls.Should().OnlyContain(c => c.Events.Sum(e => e.Data.GetRawText().Length) < 1_000_000);
        server.Ids().Should().HaveCount(12);
    }

    [Fact]
    public async Task Enqueue_ServerFarBehind_WaitsForRoom()
    {
        var gate = server.Hold();
        await EnqueueAsync(0, 2000);

        var oneMore = queue.EnqueueAsync(Event("2000"), Token);
        oneMore.IsCompleted.Should().BeFalse();
        gate.SetResult();
        await oneMore.InTime();
        await queue.FlushAsync(Token).InTime();

        server.Ids().Should().HaveCount(2001);
    }

    [Fact]
    public async Task Send_NotKnownToBeStored_RepeatsTheSameIds()
    {
        server.Answers.Enqueue(Reply<PublishResult>.Fail(new Error(ErrorCode.Unavailable, "later")));
        await EnqueueAsync(0, 1); // one: how many events the first request takes is not the test's to decide
        await queue.FlushAsync(Token).InTime();

        server.Calls.Should().HaveCount(2);
        server.Calls[1].Events.Select(e => e.Id).Should().Equal(server.Calls[0].Events.Select(e => e.Id));
    }

    [Fact]
    public async Task Send_DeltaComesTooLate_IsLeftOutAndTheRestIsSent()
    {
        server.Answers.Enqueue(Reply<PublishResult>.Fail(Error.Conflict("The offset does not fit.")));
        var gate = server.Hold();
        await queue.EnqueueAsync(Event("a", EventTypes.MessageDelta), Token);
        await queue.EnqueueAsync(Event("b", EventTypes.MessageCompleted), Token);
        gate.SetResult();
        await queue.FlushAsync(Token).InTime();

        server.Calls[^1].Events.Select(e => e.Id).Should().Equal("b");
        queue.Rejection.Should().BeNull();
    }

    [Fact]
    public async Task Send_RunHasEnded_CancelsWhoeverWritesOn()
    {
        server.Answers.Enqueue(Reply<PublishResult>.Fail(Error.Conflict("The run has ended.")));
        await EnqueueAsync(0, 1);

        await FluentActions.Awaiting(() => queue.FlushAsync(Token).InTime()).Should().ThrowAsync<OperationCanceledException>();
        await FluentActions.Awaiting(() => EnqueueAsync(1, 2)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Send_Refused_ThrowsWhatTheServerSaid()
    {
        server.Answers.Enqueue(Reply<PublishResult>.Fail(Error.Invalid("events[0].type", "is unknown")));
        await EnqueueAsync(0, 1);

        var refusal = await FluentActions.Awaiting(() => queue.FlushAsync(Token).InTime()).Should().ThrowAsync<RealtimeHubException>();

        refusal.Which.Error.Code.Should().Be(ErrorCode.InvalidRequest);
    }

    [Fact]
    public async Task Abort_WhileTheServerIsAway_LetsGoAtOnce()
    {
        server.Hold();
        await EnqueueAsync(0, 1);
        var flushing = queue.FlushAsync(Token);

        await aborted.CancelAsync();

        await FluentActions.Awaiting(() => flushing.InTime()).Should().ThrowAsync<OperationCanceledException>();
    }

    private static PublishedEvent Event(string id, string type = "custom.a", string text = "") =>
        new() { Id = id, Type = type, Data = Json.Of(new { text }) };

    private async Task EnqueueAsync(int from, int to)
    {
        for (var n = from; n < to; n++)
        {
            await queue.EnqueueAsync(Event($"{n}"), Token).InTime();
        }
    }
}
