using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Status;
using StackExchange.Redis;

namespace RealtimeHub.Redis;

/// <summary>The node's connection to Redis, and whether anything comes through it.</summary>
/// <remarks>
/// Redis may be away at any time, also at the start: nobody waits for it longer than a call's timeout, and while it is away nobody waits at all.
/// It is asked for in the background, and each time that it answers again is a new generation: who keeps anything there begins anew.
/// One that answers and refuses (it is full, read-only, or lacks replicas) is not away, and nobody begins anew for it: what is subscribed to stays.
/// </remarks>
internal sealed class RedisLink(RedisBackplaneOptions options, TimeProvider time, ILogger<RedisLink> logger) : BackgroundService, IBackplane
{
    private static readonly TimeSpan ReconnectEvery = TimeSpan.FromMilliseconds(500);

    private readonly ResiliencePipeline pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<Exception>(e => IsOutage(e) && e is not RedisServerException),
            MinimumThroughput = 2,
            FailureRatio = 0.5,
            SamplingDuration = TimeSpan.FromSeconds(5),
            BreakDuration = TimeSpan.FromMilliseconds(500),
        })
        .AddTimeout(options.Timeout)
        .Build();

    private readonly Lock gate = new();
    private ConnectionMultiplexer? connection;
    private volatile bool isUp;
    private volatile bool isRefusing;
    private int generation;
    private bool wasSaid;

    /// <summary>Redis answers again, or does not any more. Called from the watch or from whose call failed: return at once.</summary>
    public event EventHandler? Changed;

    /// <summary>Whether Redis answered the last time.</summary>
    public bool IsUp => isUp;

    /// <summary>Whether it refused something, and has not taken everything since.</summary>
    public bool IsRefusing => isRefusing;

    /// <summary>How often it has begun to answer.</summary>
    public int Generation => Volatile.Read(ref generation);

    /// <inheritdoc/>
    public PartStatus Status => isUp && !isRefusing ? PartStatus.Ok : PartStatus.Unavailable;

    /// <summary>The names of everything there.</summary>
    public RedisKeys Keys { get; } = new(options.Prefix);

    /// <summary>Whether that is what calls come to while Redis is away or about to go.</summary>
    public static bool IsOutage(Exception e) =>
        e is RedisException or TimeoutException or TimeoutRejectedException or BrokenCircuitException or ObjectDisposedException;

    /// <summary>Another connection, when it is connected.</summary>
    /// <exception cref="OperationCanceledException">Nobody wants it any more.</exception>
    public async Task<IConnectionMultiplexer> ConnectAsync(TextWriter? log, CancellationToken cancellationToken)
    {
        var made = await ConnectionMultiplexer.ConnectAsync(Settings(), log);
        try
        {
            while (!made.IsConnected)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            return made;
        }
        catch (OperationCanceledException)
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls Redis; false where it does not answer, which it may have carried out all the same, and where it refuses.</summary>
    public async ValueTask<(bool Answered, T? Value)> TryAsync<T>(Func<IDatabase, Task<T>> call, CancellationToken cancellationToken)
    {
        if (!isUp || connection is not { } present)
        {
            return default;
        }

        try
        {
            return (true, await pipeline.ExecuteAsync(
                async token => await call(present.GetDatabase()).WaitAsync(token), cancellationToken));
        }
        catch (RedisServerException e)
        {
            Refused(e);
            return default;
        }
        catch (Exception e) when (IsOutage(e))
        {
            Fail(e);
            return default;
        }
    }

    /// <summary>Redis takes everything that it is told, whether it refused something before or not.</summary>
    public void Accepted()
    {
        if (Interlocked.Exchange(ref isRefusing, false))
        {
            RedisLog.Accepts(logger);
        }
    }

    /// <summary>Something did not come through: Redis counts as away until it answers.</summary>
    public void Fail(Exception exception)
    {
        lock (gate)
        {
            if (!isUp && wasSaid)
            {
                return;
            }

            (isUp, wasSaid) = (false, true);
        }

        RedisLog.Away(logger, exception);
        Changed?.Invoke(this, EventArgs.Empty);
    }

    /// <inheritdoc/>
    /// <remarks>Not when it is stopped: connections that end later still say so.</remarks>
    public override void Dispose()
    {
        base.Dispose();
        connection?.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the host starts whether Redis is there or not
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var present = connection ??= await ConnectionMultiplexer.ConnectAsync(Settings());
                await pipeline.ExecuteAsync(async token => await present.GetDatabase().PingAsync().WaitAsync(token), stoppingToken);
                Answered();
            }
            catch (RedisServerException e) when (isUp)
            {
                Refused(e); // where it cannot store what it has, it refuses a PING, too
            }
            catch (Exception e) when (IsOutage(e))
            {
                Fail(e);
            }

            await Task.Delay(options.ProbeEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Refused(RedisServerException exception)
    {
        if (!Interlocked.Exchange(ref isRefusing, true))
        {
            RedisLog.Refuses(logger, exception);
        }
    }

    private void Answered()
    {
        lock (gate)
        {
            if (isUp)
            {
                return;
            }

            Interlocked.Increment(ref generation);
            (isUp, wasSaid) = (true, false);
        }

        RedisLog.Back(logger);
        Changed?.Invoke(this, EventArgs.Empty);
    }

    private ConfigurationOptions Settings()
    {
        var settings = ConfigurationOptions.Parse(options.Configuration);
        settings.AbortOnConnectFail = false;
        settings.BacklogPolicy = BacklogPolicy.FailFast; // what waits for a connection is late, and presence is better lost
        settings.ReconnectRetryPolicy = new LinearRetry((int)ReconnectEvery.TotalMilliseconds);
        settings.ConnectTimeout = settings.SyncTimeout = settings.AsyncTimeout = (int)options.Timeout.TotalMilliseconds;
        settings.ChannelPrefix = Keys.Channels;
        return settings;
    }
}
