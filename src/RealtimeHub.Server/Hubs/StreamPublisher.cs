using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server.Hubs;

/// <summary>Turns a client's stream of events into batches: whatever gathered while the last one was being stored is the next.</summary>
/// <remarks>
/// The reply comes when the stream ends, when the server drains, or with the first batch that was refused; what was stored until then
/// stays stored and is counted. A publisher that is faster than the log is slowed down by the transport, not buffered.
/// </remarks>
internal sealed class StreamPublisher(IHostApplicationLifetime lifetime)
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
                var batch = new List<PublishedEvent>();
                Error? error = null;
                while (batch.Count < MaxBatch && error is null && arrived.Reader.TryRead(out var next))
                {
                    error = next.Error is null ? null : AtItem(next.Error, stored + batch.Count);
                    if (error is null)
                    {
                        batch.Add(next.Value!);
                    }
                }

                if (batch.Count > 0)
                {
                    var reply = await publish(new Body<PublishEvents>(new PublishEvents { Topic = topic, AgentId = agentId, Events = batch }));
                    (stored, lastSeq) = reply.Value is { } value ? (stored + value.Stored, value.LastSeq) : (stored, lastSeq);
                    error = reply.Error is { } refused ? InStream(refused, stored) : error;
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

    private static Error WithProgress(Error error, int stored, long lastSeq)
    {
        var details = error.Details ?? [];
        details["stored"] = stored;
        details["lastSeq"] = lastSeq;
        return error with { Details = details };
    }
}
