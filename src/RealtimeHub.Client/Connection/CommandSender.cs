using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Connection;

/// <summary>Sends commands, and repeats what may be repeated until the deadline.</summary>
internal sealed class CommandSender(RealtimeHubClientOptions options, ConnectionKeeper connection)
{
    private readonly Backoff backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), options.Jitter);

    /// <summary>
    /// The request must be safe to repeat: it carries an idempotency key, or ids of its own. A call that a lost connection
    /// cut is repeated after reconnection, one that was answered <c>unavailable</c> or <c>rate_limited</c> after a pause.
    /// </summary>
    public async Task<Reply<T>> SendAsync<T>(string method, object request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.CommandTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        Reply<T>? last = null;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var session = await connection.SessionAsync(either.Token);
                var (reply, lost) = await TryInvokeAsync<T>(session, method, request, either.Token);
                if (lost)
                {
                    // Until the session is withdrawn, asking for one would give the dead one again.
                    await session.Closed.WaitAsync(either.Token);
                    await Task.Delay(backoff.Delay(0), options.TimeProvider, either.Token);
                    continue;
                }

                if (reply!.Ok || reply.Error is not { Code: ErrorCode.Unavailable or ErrorCode.RateLimited } error)
                {
                    return reply;
                }

                last = reply;
                var pause = TimeSpan.FromMilliseconds(error.RetryAfterMs ?? 0) + backoff.Delay(attempt);
                await Task.Delay(pause, options.TimeProvider, either.Token);
            }
            catch (ConnectionClosedException closed)
            {
                return Reply<T>.Fail(new Error(ErrorCode.Unavailable, closed.Message));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return last ?? Reply<T>.Fail(new Error(
                    ErrorCode.Unavailable,
                    $"No answer within {options.CommandTimeout.TotalSeconds:0.#} s: not known to be stored; repeating with the same key is safe."));
            }
        }
    }

    private static async Task<(Reply<T>? Reply, bool Lost)> TryInvokeAsync<T>(
        HubSession session, string method, object request, CancellationToken cancellationToken)
    {
        try
        {
            return (await session.InvokeAsync<T>(method, request, cancellationToken), false);
        }
        catch (SessionLostException)
        {
            return (null, true);
        }
    }
}
