using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.KeyValueStore;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats;

/// <summary>The connection to NATS, the stream of events and the bucket of documents. What is not there is made when it is first needed.</summary>
/// <remarks>
/// Once only: a stream that vanishes below a running service is not made again, because somebody may be about to restore it. Until it is
/// there, the log is unavailable.
/// </remarks>
internal sealed class NatsBackbone : IAsyncDisposable
{
    private const string EpochLabel = "RealtimeHub events, epoch ";

    /// <summary>JetStream's code for a stream that is not there.</summary>
    public const int StreamNotFound = 10059;

    private const int StreamNameInUse = 10058;

    // As long as a repeated append must be known.
    private static readonly TimeSpan ShortestDuplicateWindow = TimeSpan.FromMinutes(10);

    private readonly NatsStorageOptions options;
    private readonly ILogger logger;
    private readonly NatsConnection connection;
    private readonly Lock gate = new();
    private Task preparing = Task.CompletedTask;
    private volatile bool isReady;
    private CancellationTokenSource era = new();
    private long? cutOffAt;

    public NatsBackbone(NatsStorageOptions options, ILoggerFactory loggers)
    {
        this.options = options;
        logger = loggers.CreateLogger<NatsBackbone>();
        Subjects = new Subjects(options.Prefix);
        connection = new NatsConnection(ConnectionOptions(options, loggers));
        connection.ConnectionDisconnected += (_, _) =>
        {
            if (cutOffAt is null)
            {
                NatsLog.Away(logger);
            }

            cutOffAt ??= TimeProvider.System.GetTimestamp();
            return ValueTask.CompletedTask;
        };
        connection.ConnectionOpened += (_, _) =>
        {
            ComeBack();
            return ValueTask.CompletedTask;
        };
        JetStream = new NatsJSContext(connection, new NatsJSOpts(connection.Opts));
        Documents = new NatsKVContext(JetStream);
        Requests = new Requests(options.Timeout);
    }

    public Subjects Subjects { get; }

    public NatsJSContext JetStream { get; }

    public NatsKVContext Documents { get; }

    /// <summary>
    /// Is cancelled when what is stored turns out not to be what it was, or when so much of it may have passed unseen that what was read of it
    /// is worth nothing any more.
    /// </summary>
    public CancellationToken Era => Volatile.Read(ref era).Token;

    /// <summary>The largest message that the server takes, headers and all.</summary>
    public int MaxPayload => connection.ServerInfo?.MaxPayload ?? int.MaxValue; // a request without a connection is not even sent

    /// <summary>Whether everything is kept several times, so that one server may have less than another.</summary>
    public bool HasReplicas => options.Replicas > 1;

    /// <summary>What the server that answers calls itself; null while there is none.</summary>
    public string? ServerVersion => connection.ServerInfo?.Version;

    private Requests Requests { get; }

    /// <summary>Waits until everything is there that the deployment needs. Whoever comes meanwhile waits for the same attempt.</summary>
    /// <exception cref="LogUnavailableException">No answer in time.</exception>
    /// <exception cref="InvalidOperationException">What is there cannot be used as it is.</exception>
    public ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        if (isReady)
        {
            return ValueTask.CompletedTask;
        }

        lock (gate)
        {
            if (preparing.IsCompleted)
            {
                preparing = Task.Run(PrepareOnceAsync, CancellationToken.None);
            }

            return new ValueTask(preparing.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Asks the server, again where it is safe and there is time, when everything is prepared that the deployment needs.</summary>
    /// <param name="request">May run several times.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="LogUnavailableException">No answer in time.</exception>
    public async ValueTask<T> AskAsync<T>(Func<CancellationToken, ValueTask<T>> request, CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        return await Requests.RunAsync(Connected(request), cancellationToken);
    }

    /// <summary>The stream as its leader knows it.</summary>
    public ValueTask<StreamInfo> GetStreamAsync(CancellationToken cancellationToken) =>
        AskAsync(
            async token =>
            {
                var stream = await JetStream.GetStreamAsync(Subjects.Stream, cancellationToken: token);
                return stream.Info;
            },
            cancellationToken);

    /// <summary>The epoch of a stream: what it was labelled with when it was made.</summary>
    public static ulong EpochOf(StreamConfig config) =>
        config.Description?.StartsWith(EpochLabel, StringComparison.Ordinal) == true
        && ulong.TryParse(config.Description.AsSpan(EpochLabel.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var epoch)
        && epoch is > 0 and < 1UL << 48
            ? epoch
            : throw new InvalidOperationException($"The stream '{config.Name}' is not RealtimeHub's: its description does not name an epoch.");

    /// <summary>What is stored is not what it was.</summary>
    public void EndEra() => Interlocked.Exchange(ref era, new CancellationTokenSource()).Cancel(); // not disposed of: somebody may be about to ask for its token

    /// <summary>Gives the stream a new epoch, unless somebody else has.</summary>
    public ValueTask RenewEpochAsync(ulong epoch, CancellationToken cancellationToken) => new(AskAsync(
        async token =>
        {
            var config = (await JetStream.GetStreamAsync(Subjects.Stream, cancellationToken: token)).Info.Config;
            if (EpochOf(config) == epoch)
            {
                config.Description = NewEpochLabel();
                await JetStream.UpdateStreamAsync(config, token);
            }

            return true;
        },
        cancellationToken).AsTask());

    /// <summary>A request of JetStream's for which the client library has no method that needs no earlier one.</summary>
    public ValueTask<TResponse> CallAsync<TRequest, TResponse>(string subject, TRequest request, CancellationToken cancellationToken)
        where TRequest : class
        where TResponse : class =>
        JetStream.JSRequestResponseAsync<TRequest, TResponse>($"{JetStream.Opts.Prefix}.{subject}", request, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await preparing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static NatsOpts ConnectionOptions(NatsStorageOptions options, ILoggerFactory loggers) => NatsOpts.Default with
    {
        Url = options.Url,
        Name = "realtimehub",
        LoggerFactory = loggers,
        AuthOpts = new NatsAuthOpts
        {
            CredsFile = options.CredsFile, Username = options.Username, Password = options.Password, Token = options.Token,
        },
        TlsOpts = new NatsTlsOpts { CaFile = options.TlsCaFile, CertFile = options.TlsCertificateFile, KeyFile = options.TlsKeyFile },
        RetryOnInitialConnect = true,
        MaxReconnectRetry = -1,
        IgnoreAuthErrorAbort = true, // credentials are renewed while the service runs
        ReconnectWaitMin = TimeSpan.FromMilliseconds(100),
        ReconnectJitter = TimeSpan.FromMilliseconds(100),
        ReconnectWaitMax = TimeSpan.FromSeconds(2),
        ConnectTimeout = TimeSpan.FromSeconds(2),
        RequestTimeout = options.Timeout,
        PingInterval = TimeSpan.FromSeconds(5),
        RequestReplyMode = NatsRequestReplyMode.Direct,
        SubPendingChannelCapacity = 16 * 1024,
    };

    // Without a connection a request would wait for one; the caller has no time for that.
    private Func<CancellationToken, ValueTask<T>> Connected<T>(Func<CancellationToken, ValueTask<T>> request) => token =>
        connection.ConnectionState == NatsConnectionState.Open
            ? request(token)
            : throw new LogUnavailableException("NATS is not connected.");

    // The client library goes on with what it followed, however long it was away.
    private void ComeBack()
    {
        if (cutOffAt is not null)
        {
            NatsLog.Back(logger);
        }

        if (cutOffAt is { } since && TimeProvider.System.GetElapsedTime(since) >= options.LongestGap)
        {
            EndEra();
        }

        cutOffAt = null;
    }

    private async Task PrepareOnceAsync()
    {
        await Requests.RunAsync(
            async token =>
            {
                await connection.ConnectAsync().AsTask().WaitAsync(token);
                CheckServer();
                var events = await OpenAsync(EventsConfig(), token);
                NatsLog.Opened(logger, Subjects.Stream, EpochOf(events.Config), events.State.LastSeq);
                await OpenAsync(DocumentsConfig(), token);
                return true;
            },
            CancellationToken.None);
        isReady = true;
    }

    private void CheckServer()
    {
        if (HasReplicas && ServerVersion is { } version && !ServerVersions.KeepsReplicasConsistent(version))
        {
            throw new InvalidOperationException(
                $"Nats__Replicas is {options.Replicas}, and nats-server {version} may store two events of which one was to exclude the other. {ServerVersions.FirstForReplicas} is the first for more than one replica.");
        }
    }

    /// <summary>A stream as it is wanted: the one that is there, else a new one.</summary>
    private async ValueTask<StreamInfo> OpenAsync(StreamConfig wanted, CancellationToken cancellationToken)
    {
        INatsJSStream found;
        try
        {
            found = await JetStream.GetStreamAsync(wanted.Name!, cancellationToken: cancellationToken);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == StreamNotFound)
        {
            found = await CreateAsync(wanted, cancellationToken);
        }

        Check(found.Info.Config, wanted);
        return found.Info;
    }

    private async ValueTask<INatsJSStream> CreateAsync(StreamConfig wanted, CancellationToken cancellationToken)
    {
        try
        {
            return await JetStream.CreateStreamAsync(wanted, cancellationToken);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == StreamNameInUse)
        {
            return await JetStream.GetStreamAsync(wanted.Name!, cancellationToken: cancellationToken); // another node was first
        }
    }

    // A server answers with what it understood of a configuration, and ignores the rest without a word.
    private static void Check(StreamConfig config, StreamConfig wanted)
    {
        string[] wrong =
        [
            .. config.Subjects?.SequenceEqual(wanted.Subjects!) == true ? [] : new[] { "subjects" },
            .. config.Storage == wanted.Storage ? [] : new[] { "storage" },
            .. config.Retention == wanted.Retention ? [] : new[] { "retention" },
            .. config is { MaxAge.Ticks: 0, MaxMsgs: <= 0, MaxBytes: <= 0 } ? [] : new[] { "limits" },
            .. Math.Max(0, config.MaxMsgsPerSubject) == Math.Max(0, wanted.MaxMsgsPerSubject) ? [] : new[] { "max_msgs_per_subject" },
            .. config.DuplicateWindow >= wanted.DuplicateWindow || config.DuplicateWindow >= ShortestDuplicateWindow ? [] : new[] { "duplicate_window" },
            .. config.NumReplicas == wanted.NumReplicas ? [] : new[] { "num_replicas" },
            .. config is { DenyPurge: false, DenyDelete: false, Sealed: false, NoAck: false } ? [] : new[] { "deny_purge, deny_delete, sealed or no_ack" },
        ];
        if (wrong.Length > 0)
        {
            throw new InvalidOperationException($"The stream '{config.Name}' is not configured as it must be: {string.Join(", ", wrong)}.");
        }
    }

    private StreamConfig EventsConfig() => new(Subjects.Stream, [Subjects.AllEvents])
    {
        Description = NewEpochLabel(),
        Storage = StreamConfigStorage.File,
        Retention = StreamConfigRetention.Limits,
        NumReplicas = options.Replicas,
        DuplicateWindow = options.DuplicateWindow,
        AllowDirect = true,
    };

    // A bucket as the client library makes it, but for one thing: markers of deleted documents can be removed one by one.
    private StreamConfig DocumentsConfig() => new(Subjects.BucketStream, [Subjects.AllDocuments])
    {
        Description = "RealtimeHub documents",
        Storage = StreamConfigStorage.File,
        Retention = StreamConfigRetention.Limits,
        Discard = StreamConfigDiscard.New,
        MaxMsgsPerSubject = 1,
        NumReplicas = options.Replicas,
        AllowRollupHdrs = true,
        AllowDirect = true,
    };

    private static string NewEpochLabel()
    {
        var epoch = (ulong)RandomNumberGenerator.GetInt32(1, 1 << 24) << 24 | (uint)RandomNumberGenerator.GetInt32(0, 1 << 24);
        return string.Create(CultureInfo.InvariantCulture, $"{EpochLabel}{epoch:x12}");
    }
}
