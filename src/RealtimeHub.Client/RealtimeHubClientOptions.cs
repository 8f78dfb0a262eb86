using Microsoft.AspNetCore.Http.Connections.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RealtimeHub.Client;

/// <summary>How a <see cref="RealtimeHubClient"/> connects.</summary>
public sealed record RealtimeHubClientOptions
{
    /// <summary>Where the service is, for example <c>https://realtime.example.org</c>.</summary>
    public required Uri BaseAddress { get; init; }

    /// <summary>Gives an access token. Asked again for every connection, so it should renew a token that is about to end.</summary>
    public required Func<CancellationToken, ValueTask<string>> AccessTokenProvider { get; init; }

    /// <summary>Which hub; the read-only one unless said otherwise.</summary>
    public HubKind Hub { get; init; } = HubKind.Events;

    /// <summary>For how long a command is repeated, with the same key, while the server is away; 30 seconds.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Upper bound of the first reconnect delay; doubles with each failure. The delay is uniform between zero and the bound.</summary>
    public TimeSpan ReconnectBaseDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Largest upper bound of a reconnect delay; 30 seconds.</summary>
    public TimeSpan ReconnectMaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection that lasted this long starts the delays afresh; one that drops at once does not. 10 seconds.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Events that wait for a slow consumer of one topic. Beyond it the client leaves the topic and comes back by cursor
    /// when the consumer has caught up: a slow consumer costs a cursor, not memory.
    /// </summary>
    public int MaxBufferedEvents { get; init; } = 10_000;

    /// <summary>Time, for delays and deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the client and SignalR log to; nowhere unless given.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Last word on the HTTP connection: proxies, certificates, transports.</summary>
    public Action<HttpConnectionOptions>? ConfigureConnection { get; init; }

    /// <summary>Uniform in [0, 1); tests make it predictable.</summary>
    internal Func<double> Jitter { get; init; } = Random.Shared.NextDouble;
}
