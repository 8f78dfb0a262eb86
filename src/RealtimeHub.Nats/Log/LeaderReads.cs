using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace RealtimeHub.Nats.Log;

/// <summary>Single messages of a stream as its leader has them: everything that was acknowledged is there.</summary>
internal sealed class LeaderReads(NatsBackbone backbone, string stream)
{
    private const int NoMessage = 10037;

    private readonly string subject = $"STREAM.MSG.GET.{stream}";

    /// <summary>The first message on a subject with a sequence at or above <paramref name="from"/>; null when there is none.</summary>
    public ValueTask<StoredMessage?> NextAsync(string on, long from, CancellationToken cancellationToken) =>
        GetAsync(new StreamMsgGetRequest { Seq = (ulong)from, NextBySubj = on }, cancellationToken);

    /// <summary>The last message on a subject; null when there is none.</summary>
    public ValueTask<StoredMessage?> LastAsync(string on, CancellationToken cancellationToken) =>
        GetAsync(new StreamMsgGetRequest { LastBySubj = on }, cancellationToken);

    /// <summary>The message with a sequence; null when it is gone, or never was.</summary>
    public ValueTask<StoredMessage?> AtAsync(long sequence, CancellationToken cancellationToken) =>
        GetAsync(new StreamMsgGetRequest { Seq = (ulong)sequence }, cancellationToken);

    private ValueTask<StoredMessage?> GetAsync(StreamMsgGetRequest request, CancellationToken cancellationToken) =>
        backbone.AskAsync(
            async token =>
            {
                try
                {
                    return (await backbone.CallAsync<StreamMsgGetRequest, StreamMsgGetResponse>(subject, request, token)).Message;
                }
                catch (NatsJSApiException e) when (e.Error.ErrCode == NoMessage || e.Error is { Code: 404, ErrCode: not NatsBackbone.StreamNotFound })
                {
                    return null;
                }
            },
            cancellationToken);
}
