using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>A run says its usage once in 5 seconds.</summary>
public sealed class UsageRateTests : World
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Usage_SecondWithin5Seconds_IsRateLimitedAndSaysWhen()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Usage(run, 1)));
        Node.Time.Advance(TimeSpan.FromMilliseconds(3_200));

        var error = await RefusedAsync(ErrorCode.RateLimited, () => PublishAsync(
            Callers.Writer, Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run), Usage(run, 2)));

        error.RetryAfterMs.Should().Be(1_800);
        ((int?)error.Details!["index"], (int?)error.Details["stored"]).Should().Be((1, 0));
    }

    [Fact]
    public async Task Usage_After5Seconds_IsStoredAlsoWhenTheTotalsShrink()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Usage(run, 10)));
        Node.Time.Advance(Interval);
        Ok(await PublishAsync(Callers.Writer, Usage(run, 20)));
        Node.Time.Advance(Interval);

        Ok(await PublishAsync(Callers.Writer, Usage(run, 5)));

        (await RunStateAsync(run)).Usage!.InputTokens.Should().Be(5);
    }

    [Fact]
    public async Task Usage_TwiceInABatch_IsRefusedWhole()
    {
        var run = await RunAsync();

        var error = await RefusedAsync(ErrorCode.RateLimited, () => PublishAsync(Callers.Writer, Usage(run, 1), Usage(run, 2)));

        ((int?)error.Details!["index"], error.RetryAfterMs).Should().Be((1, 5_000));
    }

    [Fact]
    public async Task Usage_GoesByTheEventsTimes()
    {
        var run = await RunAsync();
        var now = Node.Time.GetUtcNow();

        Ok(await PublishAsync(Callers.Writer, Usage(run, 1) with { Time = now.AddSeconds(-5) }, Usage(run, 2) with { Time = now }));

        await RefusedAsync(ErrorCode.RateLimited, () => PublishAsync(Callers.Writer, Usage(run, 3) with { Time = now.AddSeconds(-20) }));
    }

    [Fact]
    public async Task Usage_SentAgain_IsAcknowledgedAndOtherRunsAreFree()
    {
        var run = await RunAsync();
        var other = await AnotherRunAsync();
        var first = Ok(await PublishAsync(Callers.Writer, Usage(run, 1) with { Id = "u1" }));

        Ok(await PublishAsync(Callers.Writer, Usage(run, 1) with { Id = "u1" })).LastSeq.Should().Be(first.LastSeq);
        Ok(await PublishAsync(Callers.Writer, Usage(other, 1)));
    }

    [Fact]
    public async Task Usage_WithTheEnd_IsNotLimited()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, Usage(run, 1)));

        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run, Usage: new Usage(7, 1)))));

        (await RunStateAsync(run)).Usage!.InputTokens.Should().Be(7);
    }

    private static PublishedEvent Usage(string run, long inputTokens) => Event(EventTypes.RunUsage, new RunUsage(run, inputTokens, 1));

    private async Task<RunState> RunStateAsync(string run) => ((IHasRuns)(await Node.FoldAsync(Conversation)).State).Runs.Find(run)!;
}
