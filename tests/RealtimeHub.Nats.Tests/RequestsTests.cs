using NATS.Client.Core;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats.Tests;

/// <summary>What is told to somebody whose request had no answer.</summary>
public sealed class RequestsTests
{
    private readonly Requests requests = new(TimeSpan.FromSeconds(1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CancelledByTheClientLibrary_IsTriedAgain()
    {
        var attempts = 0;

        var answer = await requests.RunAsync(
            _ => ++attempts < 3 ? throw new TaskCanceledException() : ValueTask.FromResult("answer"), Token);

        (answer, attempts).Should().Be(("answer", 3));
    }

    [Theory]
    [InlineData(typeof(TaskCanceledException))]
    [InlineData(typeof(NatsNoReplyException))]
    [InlineData(typeof(TimeoutException))]
    public async Task NeverAnswered_IsUnavailable(Type exception) =>
        await FluentActions.Awaiting(() => requests.RunAsync<string>(_ => throw (Exception)Activator.CreateInstance(exception)!, Token).AsTask())
            .Should().ThrowAsync<LogUnavailableException>();

    [Fact]
    public async Task CancelledByTheCaller_IsCancelled()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var attempts = 0;

        var asking = FluentActions.Awaiting(() => requests.RunAsync<string>(
            async token =>
            {
                attempts++;
                await caller.CancelAsync();
                token.ThrowIfCancellationRequested();
                return "";
            },
            caller.Token).AsTask());

        await asking.Should().ThrowAsync<OperationCanceledException>();
        attempts.Should().Be(1);
    }
}
