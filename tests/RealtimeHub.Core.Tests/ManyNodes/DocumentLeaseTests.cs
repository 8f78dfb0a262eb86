using Microsoft.Extensions.Logging.Abstractions;
using RealtimeHub.Core.Leases;
using RealtimeHub.Core.Tests.Node;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.ManyNodes;

public sealed class DocumentLeaseTests
{
    // What the design promises.
    private static readonly TimeSpan Takeover = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private readonly Signal changed = new();
    private readonly WatchedTime time;
    private readonly InMemoryDocumentStore documents = new();

    public DocumentLeaseTests() => time = new WatchedTime(TestEvents.Time, changed);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acquire_FreeLease_IsHeldAtOnceAndForAsLongAsItIsWritten()
    {
        var (lease, _) = Join("a");
        await using var term = await lease.AcquireAsync(Token);

        for (var passed = TimeSpan.Zero; passed < 4 * Takeover; passed += DocumentLease.RenewEvery)
        {
            await RenewedAsync();
        }

        term.Lost.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Acquire_WhileItIsHeld_WaitsUntilItIsGivenBack()
    {
        var term = await Join("a").Lease.AcquireAsync(Token);
        var waiting = await WaitAsync(Join("b").Lease);
        await LookAsync();
        waiting.IsCompleted.Should().BeFalse();

        await term.DisposeAsync();
        time.Advance(Step);

        await using var next = await Deadline.Within(waiting);
        next.Lost.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Acquire_WhenTheHolderIsCutOff_TakesOverInTimeAndNotWhileItIsHeld()
    {
        var (lease, reach) = Join("a");
        await using var term = await lease.AcquireAsync(Token);
        var waiting = await WaitAsync(Join("b").Lease);
        reach.IsReachable = false;

        for (var passed = TimeSpan.Zero; !waiting.IsCompleted; passed += Step)
        {
            passed.Should().BeLessThan(Takeover);
            await LookAsync(() => waiting.IsCompleted);
        }

        await using var next = await waiting;
        term.Lost.IsCancellationRequested.Should().BeTrue();
        next.Lost.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Acquire_AfterALapse_OneOfTwoGetsIt()
    {
        var (lease, reach) = Join("a");
        await using var term = await lease.AcquireAsync(Token);
        reach.IsReachable = false;
        var waiting = new[] { await WaitAsync(Join("b").Lease), await WaitAsync(Join("c").Lease) };

        for (var passed = TimeSpan.Zero; !waiting.Any(w => w.IsCompleted); passed += Step)
        {
            passed.Should().BeLessThan(Takeover);
            await LookAsync(() => waiting.Any(w => w.IsCompleted), of: 2);
        }

        await using var next = await await Task.WhenAny(waiting);
        waiting.Count(w => w.IsCompleted).Should().Be(1);
    }

    [Fact]
    public async Task Renew_WhoseAnswerWasLost_KeepsTheLease()
    {
        var (lease, reach) = Join("a");
        await using var term = await lease.AcquireAsync(Token);

        reach.LosesAnswers = true;
        await RenewedAsync();
        reach.LosesAnswers = false;
        await RenewedAsync();
        await RenewedAsync();

        term.Lost.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Acquire_OfALostTermsNode_StandsInLineLikeAnybody()
    {
        var (lease, reach) = Join("a");
        await using var term = await lease.AcquireAsync(Token);
        reach.IsReachable = false;
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = term.Lost.Register(lost.SetResult);
        time.Advance(DocumentLease.HeldFor);
        await Deadline.Within(lost.Task);
        reach.IsReachable = true;

        var again = await WaitAsync(lease);

        for (var passed = TimeSpan.Zero; !again.IsCompleted; passed += Step)
        {
            passed.Should().BeLessThan(Takeover);
            await LookAsync(() => again.IsCompleted);
        }

        await using var next = await again;
        next.Lost.IsCancellationRequested.Should().BeFalse();
    }

    private (DocumentLease Lease, ReachableDocuments Reach) Join(string name)
    {
        var reach = new ReachableDocuments(documents);
        var lease = new DocumentLease(
            new WatchedDocuments(reach, changed), new NodeIdentity(name, "1", time.GetUtcNow()), time, NullLogger<DocumentLease>.Instance);
        return (lease, reach);
    }

    /// <summary>Somebody who stands in line, and has looked.</summary>
    private async Task<Task<ILeaseTerm>> WaitAsync(DocumentLease lease)
    {
        var timers = time.Timers;
        var waiting = Task.Run(() => lease.AcquireAsync(Token).AsTask(), Token);
        _ = waiting.ContinueWith(_ => changed.Raise(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await changed.UntilAsync(() => time.Timers > timers);
        return waiting;
    }

    /// <summary>Lets those who stand in line look once more.</summary>
    private async Task LookAsync(Func<bool>? orElse = null, int of = 1)
    {
        var timers = time.Timers;
        time.Advance(Step);
        await changed.UntilAsync(() => time.Timers >= timers + of || orElse?.Invoke() == true);
    }

    /// <summary>Lets the holder write once more.</summary>
    private async Task RenewedAsync()
    {
        var before = await RevisionAsync();
        time.Advance(DocumentLease.RenewEvery);
        await changed.UntilAsync(async () => await RevisionAsync() > before);
    }

    private async ValueTask<long> RevisionAsync() => (await documents.GetAsync(DocumentLease.Key, Token))?.Revision ?? 0;
}
