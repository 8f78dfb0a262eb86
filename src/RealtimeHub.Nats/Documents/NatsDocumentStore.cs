using System.Runtime.CompilerServices;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using RealtimeHub.Core.Documents;
using RealtimeHub.Nats.Log;

namespace RealtimeHub.Nats.Documents;

/// <summary>Documents in a JetStream bucket. A read is the leader's, so that what was written is there.</summary>
internal sealed class NatsDocumentStore(NatsBackbone backbone) : IDocumentStore
{
    private const int WrongLastSequence = 10071;

    private readonly string stream = backbone.Subjects.BucketStream;
    private readonly string subjects = $"$KV.{backbone.Subjects.Bucket}.";
    private readonly LeaderReads leader = new(backbone, backbone.Subjects.BucketStream);

    public async ValueTask<Document?> GetAsync(string key, CancellationToken cancellationToken)
    {
        DocumentArguments.CheckKey(key);
        return await LastAsync(key, cancellationToken) is { } message && !IsMarker(message)
            ? new Document(key, message.Data, (long)message.Seq)
            : null;
    }

    public async ValueTask<long?> PutAsync(
        string key, ReadOnlyMemory<byte> value, long? expectedRevision, CancellationToken cancellationToken)
    {
        DocumentArguments.CheckKey(key);
        DocumentArguments.CheckValue(value);
        if (expectedRevision is not 0)
        {
            return await PublishAsync(key, value, (ulong?)expectedRevision, headers: null, cancellationToken);
        }

        // That there is none is what the last message says: nothing, or a marker.
        while (true)
        {
            var last = await LastAsync(key, cancellationToken);
            if (last is not null && !IsMarker(last))
            {
                return null;
            }

            if (await PublishAsync(key, value, last?.Seq ?? 0, headers: null, cancellationToken) is { } revision)
            {
                return revision;
            }
        }
    }

    public async ValueTask<bool> DeleteAsync(string key, long? expectedRevision, CancellationToken cancellationToken)
    {
        DocumentArguments.CheckKey(key);
        while (true)
        {
            var last = await LastAsync(key, cancellationToken);
            if (last is null || IsMarker(last) || (expectedRevision is not null && (long)last.Seq != expectedRevision))
            {
                return false;
            }

            var marker = new NatsHeaders { ["KV-Operation"] = "DEL" };
            if (await PublishAsync(key, ReadOnlyMemory<byte>.Empty, last.Seq, marker, cancellationToken) is not null)
            {
                return true;
            }
        }
    }

    public async IAsyncEnumerable<Document> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = new List<Document>();
        await using var watch = await WatchAsync(prefix, cancellationToken);
        while (true)
        {
            await watch.WaitAsync(cancellationToken);
            while (watch.TryRead(out var change))
            {
                if (change.IsReady)
                {
                    goto ready;
                }

                found.Add(new Document(change.Key, change.Value!.Value, change.Revision));
            }
        }

    ready:
        foreach (var document in found.GroupBy(d => d.Key).Select(g => g.Last()).OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            yield return document;
        }
    }

    public async ValueTask<IDocumentWatch> WatchAsync(string prefix, CancellationToken cancellationToken)
    {
        DocumentArguments.CheckPrefix(prefix);
        var store = await backbone.AskAsync(token => backbone.Documents.GetStoreAsync(backbone.Subjects.Bucket, token), cancellationToken);
        return new NatsDocumentWatch(store, prefix, backbone.Era);
    }

    private ValueTask<StoredMessage?> LastAsync(string key, CancellationToken cancellationToken) => leader.LastAsync(subjects + key, cancellationToken);

    // The header is the only one that a document's message has, and "DEL" and "PURGE" its only values.
    private static bool IsMarker(StoredMessage message) => !string.IsNullOrEmpty(message.Hdrs) && message.Data.IsEmpty
        && System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(message.Hdrs)).Contains("KV-Operation", StringComparison.Ordinal);

    private ValueTask<long?> PublishAsync(
        string key, ReadOnlyMemory<byte> value, ulong? expected, NatsHeaders? headers, CancellationToken cancellationToken) =>
        backbone.AskAsync<long?>(
            async token =>
            {
                var ack = await backbone.JetStream.PublishAsync(
                    subjects + key,
                    value,
                    NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
                    new NatsJSPubOpts { ExpectedLastSubjectSequence = expected, ExpectedStream = expected is null ? null : stream, RetryAttempts = 1 },
                    headers,
                    token);
                return ack.Error switch
                {
                    null => (long)ack.Seq,
                    { ErrCode: WrongLastSequence } => null,
                    var error => throw new NatsJSApiException(error),
                };
            },
            cancellationToken);
}
