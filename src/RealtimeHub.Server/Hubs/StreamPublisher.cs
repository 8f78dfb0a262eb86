using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server.Hubs;

/// <summary>Turns a client's stream of events into batches: whatever gathered while the last one was being stored is the next.</summary>
/// <remarks>
/// The reply comes when the stream ends, when the server drains, or with the first batch that was refused; what was stored until then
/// stays stored and is counted. A publisher that is faster than the log, or than its rate, is slowed down by the transport, not buffered
/// and not refused.
/// </remarks>
internal sealed class StreamPublisher(IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int MaxBatch = 500;

    private const string ItemPrefix = "events[";

    public async Task<Reply<PublishResult>> PublishAsync(
        string topic, string? agentId, IAsyncEnumerable<Body<PublishedEvent>> events,
        Func<Body<PublishEvents>, Task<Reply<PublishResult>>> publish, CancellationToken connectionAborted)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(connectionAborted, lifetime.ApplicationStopping);
        var arrived = Channel.CreateBounded<Body<PublishedEvent>>(MaxBatch);
        var pump = PumpAsync(events, arrived.Writer, ended.Token);
        var (stored, lastSeq) = (0, 0L);
        try
        {
            while (await arrived.Reader.WaitToReadAsync(CancellationToken.None))
            {
                var (batch, unbound) = Take(arrived.Reader, stored);
                var error = unbound;
                if (batch.Count > 0)
                {
                    var reply = await PublishAsync(publish, new PublishEvents { Topic = topic, AgentId = agentId, Events = batch }, ended.Token);
                    (stored, lastSeq) = reply.Value is { } value ? (stored + value.Stored, value.LastSeq) : (stored, lastSeq);
                    error = reply.Error is { } refused ? InStream(refused, stored) : unbound;
                }

                if (unbound is not null && ReferenceEquals(error, unbound))
                {
                    await publish(Body<PublishEvents>.Unbound(unbound)); // for the record; the answer is known
                }

                if (error is not null)
                {
                    return Reply<PublishResult>.Fail(WithProgress(error, stored, lastSeq));
                }
            }
        }
        finally
        {
            await ended.CancelAsync();
            await pump;
        }

        return Reply<PublishResult>.Success(new PublishResult(stored, lastSeq), lastSeq == 0 ? null : lastSeq);
    }

    /// <summary>What has gathered, up to the first item that does not bind.</summary>
    private static (List<PublishedEvent> Batch, Error? Unbound) Take(ChannelReader<Body<PublishedEvent>> arrived, int before)
    {
        var batch = new List<PublishedEvent>();
        while (batch.Count < MaxBatch && arrived.TryRead(out var next))
        {
            if (next.Error is { } error)
            {
                return (batch, AtItem(error, before + batch.Count));
            }

            batch.Add(next.Value!);
        }

        return (batch, null);
    }

    private async Task<Reply<PublishResult>> PublishAsync(
        Func<Body<PublishEvents>, Task<Reply<PublishResult>>> publish, PublishEvents batch, CancellationToken ended)
    {
        while (true)
        {
            var reply = await publish(new Body<PublishEvents>(batch));
            if (reply.Error is not { Code: ErrorCode.RateLimited, RetryAfterMs: { } wait } || ended.IsCancellationRequested)
            {
                return reply;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(wait), time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task PumpAsync(
        IAsyncEnumerable<Body<PublishedEvent>> events, ChannelWriter<Body<PublishedEvent>> arrived, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var e in events.WithCancellation(cancellationToken))
            {
                await arrived.WriteAsync(e, cancellationToken);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HubException)
        {
            // The connection is gone, the server drains, a batch was refused, or the client gave its stream up: what arrived is still dealt with.
        }
        finally
        {
            arrived.Complete();
        }
    }

    // An item is read by itself; its place in the stream is its path, as in a batch.
    private static Error AtItem(Error error, int index) => error with
    {
        Message = $"events[{index}]: {error.Message}",
        Errors = error.Errors?.ToDictionary(
            e => e.Key == BindingErrors.Root ? $"events[{index}]" : $"events[{index}].{e.Key}", e => e.Value, StringComparer.Ordinal),
    };

    // What is said of an item of the batch is meant of that item of the stream.
    private static Error InStream(Error error, int before)
    {
        if (error.Details?["index"] is { } index)
        {
            error.Details["index"] = (int)index + before;
        }

        return error with
        {
            Message = Moved(error.Message, before),
            Errors = error.Errors?.ToDictionary(e => Moved(e.Key, before), e => e.Value, StringComparer.Ordinal),
        };
    }

    private static string Moved(string text, int by) =>
        text.StartsWith(ItemPrefix, StringComparison.Ordinal) && text.IndexOf(']', StringComparison.Ordinal) is var end and > 0
        && int.TryParse(text.AsSpan(ItemPrefix.Length, end - ItemPrefix.Length), out var index)
            ? $"{ItemPrefix}{index + by}{text[end..]}"
            : text;

    // What the refused batch stored itself counts, too.
    private static Error WithProgress(Error error, int stored, long lastSeq)
    {
        var details = error.Details ?? [];
        details["stored"] = stored + ((int?)details["stored"] ?? 0);
        details["lastSeq"] = Math.Max(lastSeq, (long?)details["lastSeq"] ?? 0);
        return error with { Details = details };
    }
}
