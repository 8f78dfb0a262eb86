using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using NATS.Client.KeyValueStore;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats.Documents;

/// <summary>A watch of a bucket, read ahead into memory until its reader is too far behind.</summary>
internal sealed class NatsDocumentWatch : IDocumentWatch
{
    private const int MostUnread = 64 * 1024;

    private readonly Channel<DocumentChange> changes = Channel.CreateUnbounded<DocumentChange>(new UnboundedChannelOptions { SingleWriter = true });
    private readonly CancellationTokenSource stopped = new();
    private readonly CancellationTokenRegistration ending;
    private readonly Task reading;

    /// <param name="store">The bucket.</param>
    /// <param name="prefix">Of the keys.</param>
    /// <param name="era">As long as it goes on, the bucket is what it was.</param>
    public NatsDocumentWatch(INatsKVStore store, string prefix, CancellationToken era)
    {
        ending = era.UnsafeRegister(_ => changes.Writer.TryComplete(new LogUnavailableException("The store is not what it was.")), state: null);
        reading = ReadAsync(store, prefix);
    }

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await changes.Reader.WaitToReadAsync(cancellationToken))
            {
                throw new LogUnavailableException("The watch has ended.");
            }
        }
        catch (Exception e) when (e is not LogUnavailableException && Requests.IsUnavailable(e, cancellationToken))
        {
            throw new LogUnavailableException($"The watch broke: {e.Message}", e);
        }
    }

    public bool TryRead([NotNullWhen(true)] out DocumentChange? change) => changes.Reader.TryRead(out change);

    public async ValueTask DisposeAsync()
    {
        await ending.DisposeAsync();
        await stopped.CancelAsync();
        await reading;
        stopped.Dispose();
    }

    /// <summary>The widest filter of whole segments that every key with the prefix fits.</summary>
    private static string FilterOf(string prefix) => $"{prefix[..(prefix.LastIndexOf('.') + 1)]}>";

    private static ReadOnlyMemory<byte>? ValueOf(NatsKVEntry<byte[]> entry)
    {
        // Not a conditional expression: it would take null for an empty array.
        if (entry.Operation == NatsKVOperation.Put)
        {
            return entry.Value ?? [];
        }

        return null;
    }

    private async Task ReadAsync(INatsKVStore store, string prefix)
    {
        var (isReady, last) = (false, 0UL);
        try
        {
            var options = new NatsKVWatchOpts
            {
                OnNoData = _ =>
                {
                    SayReady();
                    return ValueTask.FromResult(false);
                },
            };
            await foreach (var entry in store.WatchAsync<byte[]>(FilterOf(prefix), opts: options, cancellationToken: stopped.Token))
            {
                // What is written while the watch begins may come twice.
                var isThere = entry.Operation == NatsKVOperation.Put;
                if (entry.Revision > last && entry.Key.StartsWith(prefix, StringComparison.Ordinal) && (isThere || isReady))
                {
                    changes.Writer.TryWrite(new DocumentChange(entry.Key, ValueOf(entry), (long)entry.Revision));
                }

                last = Math.Max(last, entry.Revision);
                if (entry.Delta == 0)
                {
                    SayReady();
                }

                if (isReady && changes.Reader.Count > MostUnread)
                {
                    throw new LogUnavailableException("The watch was read too slowly.");
                }
            }

            changes.Writer.TryComplete();
        }
        catch (Exception e)
        {
            changes.Writer.TryComplete(stopped.IsCancellationRequested ? null : e);
        }

        void SayReady()
        {
            if (!isReady)
            {
                isReady = true;
                changes.Writer.TryWrite(DocumentChange.Ready);
            }
        }
    }
}
