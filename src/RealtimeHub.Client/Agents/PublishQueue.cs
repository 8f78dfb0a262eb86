using System.Text;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Agents;

/// <summary>Sends one run's events in order: what gathers while one request is under way goes as the next.</summary>
/// <remarks>
/// An event stays in the queue, with its id, until the log has it; so a repeated request stores nothing twice. The queue
/// is bounded: who writes faster than the server stores waits.
/// </remarks>
internal sealed class PublishQueue(
    string topic,
    string agentId,
    Func<PublishEvents, CancellationToken, Task<Reply<PublishResult>>> publish,
    TimeProvider time,
    CancellationToken aborted)
{
    /// <summary>What one PublishEvents may hold.</summary>
    public const int MaxBatchEvents = 500;

    // The protocol allows 1 MiB; the rest is for the envelope and what JSON escapes.
    private const int MaxBatchBytes = 768 * 1024;

    // Several batches deep, so that the writer never waits for a server that keeps up.
    private const int MaxQueuedEvents = 4 * MaxBatchEvents;
    private const int MaxQueuedBytes = 4 * MaxBatchBytes;

    // An envelope's members around the data.
    private const int EnvelopeBytes = 256;
    private const int MaxInternalErrors = 5;

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock gate = new();
    private readonly Queue<(PublishedEvent Event, int Bytes, TaskCompletionSource? Stored)> queue = new();
    private TaskCompletionSource room = NewSignal();
    private Task pump = Task.CompletedTask;
    private int queuedBytes;
    private bool pumping;

    /// <summary>Why nothing more is sent; null while all is well.</summary>
    public Error? Rejection { get; private set; }

    /// <summary>Puts an event in; waits while the queue is full.</summary>
    /// <exception cref="OperationCanceledException">The run has ended elsewhere, or the caller gave up.</exception>
    /// <exception cref="RealtimeHubException">The server refused an earlier event.</exception>
    /// <param name="item">The event.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <param name="stored">Completed when the log has the event, or will never have it.</param>
    public async Task EnqueueAsync(PublishedEvent item, CancellationToken cancellationToken, TaskCompletionSource? stored = null)
    {
        var bytes = EnvelopeBytes + Encoding.UTF8.GetByteCount(item.Data.GetRawText());
        while (true)
        {
            Task full;
            lock (gate)
            {
                ThrowIfOver();
                if (queue.Count == 0 || (queue.Count < MaxQueuedEvents && queuedBytes + bytes <= MaxQueuedBytes))
                {
                    queue.Enqueue((item, bytes, stored));
                    queuedBytes += bytes;
                    if (!pumping)
                    {
                        pumping = true;
                        pump = PumpAsync();
                    }

                    return;
                }

                room = room.Task.IsCompleted ? NewSignal() : room;
                full = room.Task;
            }

            await full.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits until the log has everything that was put in.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task current;
            lock (gate)
            {
                ThrowIfOver();
                if (queue.Count == 0)
                {
                    return;
                }

                current = pump;
            }

            await current.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool IsDelta(PublishedEvent item) => EventTypes.Find(item.Type)?.Lane == Lane.Stream;

    private void ThrowIfOver()
    {
        aborted.ThrowIfCancellationRequested();
        if (Rejection is { } error)
        {
            throw error.Code == ErrorCode.Conflict
                ? new OperationCanceledException($"The run has ended: {error.Message}")
                : new RealtimeHubException(error);
        }
    }

    private async Task PumpAsync()
    {
        // Leaves the writer, so that what it writes next joins the first request's successor.
        await Task.Yield();
        while (true)
        {
            List<PublishedEvent> batch;
            lock (gate)
            {
                batch = NextBatch();
                if (batch.Count == 0)
                {
                    pumping = false;
                    return;
                }
            }

            var rejection = await TrySendAsync(batch);
            lock (gate)
            {
                if (rejection is not null || aborted.IsCancellationRequested)
                {
                    Rejection = rejection;
                    foreach (var (_, _, lost) in queue)
                    {
                        lost?.TrySetResult();
                    }

                    queue.Clear();
                    queuedBytes = 0;
                }

                for (var i = 0; i < batch.Count && queue.TryDequeue(out var sent); i++)
                {
                    queuedBytes -= sent.Bytes;
                    sent.Stored?.TrySetResult();
                }

                room.TrySetResult();
            }
        }
    }

    private List<PublishedEvent> NextBatch()
    {
        var batch = new List<PublishedEvent>();
        var bytes = 0;
        foreach (var (item, size, _) in queue)
        {
            if (batch.Count == MaxBatchEvents || (batch.Count > 0 && bytes + size > MaxBatchBytes))
            {
                break;
            }

            batch.Add(item);
            bytes += size;
        }

        return batch;
    }

    /// <summary>Sends until the log has it, it is refused, or the run is over; null unless refused.</summary>
    private async Task<Error?> TrySendAsync(List<PublishedEvent> batch)
    {
        var events = batch;
        var internalErrors = 0;
        while (events.Count > 0 && !aborted.IsCancellationRequested)
        {
            try
            {
                var reply = await publish(new PublishEvents { Topic = topic, AgentId = agentId, Events = events }, aborted);
                if (reply.Ok)
                {
                    return null;
                }

                var error = reply.Error ?? new Error(ErrorCode.Internal, "The server gave no reason.");
                var transient = error.Code is ErrorCode.Unavailable or ErrorCode.RateLimited or ErrorCode.Unauthenticated
                    || (error.Code == ErrorCode.Internal && ++internalErrors <= MaxInternalErrors);
                if (transient)
                {
                    var pause = TimeSpan.FromMilliseconds(error.RetryAfterMs ?? 0) + RetryPause;
                    await Task.Delay(pause, time, aborted);
                }
                else if (error.Code is ErrorCode.Conflict or ErrorCode.NotFound && events.Exists(IsDelta))
                {
                    // A delta that comes too late is no loss: the completed text heals it. The rest must not suffer for it.
                    events = events.FindAll(item => !IsDelta(item));
                }
                else
                {
                    return error;
                }
            }
            catch (OperationCanceledException) when (aborted.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception error)
            {
                return new Error(ErrorCode.Internal, error.Message);
            }
        }

        return null;
    }
}
