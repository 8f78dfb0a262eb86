using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats;

/// <summary>Requests to the server: repeated with jitter while there is time, and not even sent while it has just failed many.</summary>
internal sealed class Requests(TimeSpan timeout)
{
    private const int ConsumerNotFound = 10014;

    // What the server gives the account, or its own requests, is used up; codes of the 400s, where its own disk and memory are 500s.
    private const int AccountFull = 10002;
    private const int NoMoreConsumers = 10026;
    private const int TooManyRequests = 10167;

    // Of servers that have not all found each other yet.
    private const int NoPeers = 10005;

    // Of a stream with replicas: something with the same subject, or the same message, is on its way to being stored.
    private const int SubjectInFlight = 10164;
    private const int MessageInFlight = 10158;

    /// <summary>What later servers say of a message that an earlier attempt has sent on its way.</summary>
    public static ApiError OnItsWay { get; } = new() { Code = 409, ErrCode = MessageInFlight, Description = "an earlier attempt is on its way" };

    private readonly ResiliencePipeline pipeline = new ResiliencePipelineBuilder()
        .AddTimeout(timeout)
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            ShouldHandle = static args => new(args.Outcome.Exception is { } e && IsUnavailable(e, args.Context.CancellationToken)),
            FailureRatio = 0.9,
            MinimumThroughput = 20,
            SamplingDuration = TimeSpan.FromSeconds(5),
            BreakDuration = TimeSpan.FromMilliseconds(500),
        })
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = static args => new(args.Outcome.Exception is { } e && IsPassing(e, args.Context.CancellationToken)),
            MaxRetryAttempts = 8,
            Delay = TimeSpan.FromMilliseconds(50),
            MaxDelay = TimeSpan.FromMilliseconds(400),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .AddTimeout(timeout / 2) // of each attempt: an answer may have been lost
        .Build();

    /// <exception cref="LogUnavailableException">No answer in time.</exception>
    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await pipeline.ExecuteAsync(static (r, token) => r(token), request, cancellationToken);
        }
        catch (Exception e) when (e is not LogUnavailableException && (IsUnavailable(e, cancellationToken) || e is BrokenCircuitException))
        {
            throw new LogUnavailableException($"NATS did not answer: {e.Message}", e);
        }
    }

    /// <summary>Whether this is the server's silence, and neither a mistake nor the caller's own wish.</summary>
    /// <remarks>The client library cancels a request itself when the connection that it was sent on is gone.</remarks>
    public static bool IsUnavailable(Exception e, CancellationToken cancellationToken) => e switch
    {
        // No leader, no quorum, no space; gone with a server that was restarted.
        NatsJSApiException api => api.Error is { Code: >= 500 }
            or { ErrCode: NatsBackbone.StreamNotFound or ConsumerNotFound or NoPeers or SubjectInFlight or MessageInFlight }
            or { ErrCode: AccountFull or NoMoreConsumers or TooManyRequests },
        LogUnavailableException or NatsException or TimeoutRejectedException or TimeoutException or System.IO.IOException or System.Net.Sockets.SocketException => true,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => false,
    };

    /// <summary>Whether another attempt may go better.</summary>
    private static bool IsPassing(Exception e, CancellationToken cancellationToken) =>
        IsUnavailable(e, cancellationToken) && e is not LogUnavailableException;
}
