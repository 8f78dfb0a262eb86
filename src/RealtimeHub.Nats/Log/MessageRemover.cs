using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace RealtimeHub.Nats.Log;

/// <summary>Removes messages one by one, oldest first, some at a time.</summary>
/// <remarks>
/// JetStream's purge by subject would be one request, but with nats-server 2.9 it moves every consumer that stands before what is left on that
/// subject: tails and readers of other subjects silently lose what they had not got yet. Removing by sequence touches nobody.
/// </remarks>
internal sealed class MessageRemover(NatsBackbone backbone)
{
    private const int PageMessages = 1_000;
    private const int AtATime = 32;
    private const int NoMessage = 10043;

    /// <summary>Removes what is on a subject with a sequence at or below <paramref name="through"/>.</summary>
    /// <returns>How many messages were removed.</returns>
    public async ValueTask<long> RemoveAsync(string subject, long through, CancellationToken cancellationToken)
    {
        var (position, removed) = (0L, 0L);
        while (position < through)
        {
            var page = await FindAsync(subject, position, through, cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            await Parallel.ForEachAsync(
                page,
                new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
                async (sequence, token) =>
                {
                    if (await RemoveAsync(backbone, backbone.Subjects.Stream, sequence, token))
                    {
                        Interlocked.Increment(ref removed);
                    }
                });
            position = page[^1];
        }

        return removed;
    }

    /// <summary>Removes one message of a stream; false when it is not there.</summary>
    public static ValueTask<bool> RemoveAsync(NatsBackbone backbone, string stream, long sequence, CancellationToken cancellationToken) =>
        backbone.AskAsync(
            async token =>
            {
                try
                {
                    // Without overwriting it on the disk with noise: it is not secret, only old.
                    var request = new StreamMsgDeleteRequest { Seq = (ulong)sequence, NoErase = true };
                    return (await backbone.JetStream.DeleteMessageAsync(stream, request, token)).Success;
                }
                catch (NatsJSApiException e) when (e.Error.ErrCode == NoMessage || e.Error.Code == 404)
                {
                    return false;
                }
            },
            cancellationToken);

    private ValueTask<List<long>> FindAsync(string subject, long after, long through, CancellationToken cancellationToken) =>
        backbone.AskAsync(
            async token =>
            {
                var found = new List<long>();
                await using var reader = await RangeConsumer.CreateAsync(backbone, subject, after + 1, headersOnly: true, token);
                await foreach (var message in reader.FetchAsync(PageMessages, token))
                {
                    var sequence = (long)message.Metadata!.Value.Sequence.Stream;
                    if (sequence > through)
                    {
                        break;
                    }

                    found.Add(sequence);
                }

                return found;
            },
            cancellationToken);
}
