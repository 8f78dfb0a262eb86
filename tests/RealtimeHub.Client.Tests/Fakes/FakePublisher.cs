using System.Collections.Concurrent;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests.Fakes;

/// <summary>A log that stores, or answers what a test says.</summary>
internal sealed class FakePublisher
{
    private readonly ConcurrentQueue<PublishEvents> calls = new();
    private TaskCompletionSource? gate;

    public ConcurrentQueue<Reply<PublishResult>> Answers { get; } = new();

    public IReadOnlyList<PublishEvents> Calls => [.. calls];

    public Signal Called { get; } = new();

    public IEnumerable<string?> Ids() => Events().Select(e => e.Id);

    public IEnumerable<PublishedEvent> Events() => Calls.SelectMany(call => call.Events);

    /// <summary>Holds answers back until what is returned is set.</summary>
    public TaskCompletionSource Hold() => gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<Reply<PublishResult>> PublishAsync(PublishEvents request, CancellationToken cancellationToken)
    {
        calls.Enqueue(request);
        Called.Set();
        if (gate is { } held)
        {
            await held.Task.WaitAsync(cancellationToken);
        }

        return Answers.TryDequeue(out var answer) ? answer : Reply<PublishResult>.Success(new PublishResult(request.Events.Count, calls.Count));
    }
}
