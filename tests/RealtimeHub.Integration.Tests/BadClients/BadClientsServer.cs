using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>The real server with short patience, so that no test takes as long as a bad client may in production.</summary>
public sealed class BadClientsServer : IAsyncLifetime
{
    public BadClientsServer() => Server = new ServerFixture
    {
        Configure = builder => builder.ConfigureTestServices(services =>
        {
            services.AddSingleton(new DeliveryOptions { ProgressTimeout = ProgressTimeout, SweepPeriod = TimeSpan.FromMilliseconds(250) });
            services.AddSingleton<IDeliveryConnections>(s => Watch.Over(s.GetRequiredService<Connections>()));
            services.Configure<HubOptions>(options => (options.ClientTimeoutInterval, options.HandshakeTimeout) = (ClientTimeout, HandshakeTimeout));
            services.Configure<Microsoft.AspNetCore.Builder.WebSocketOptions>(options => (options.KeepAliveInterval, options.KeepAliveTimeout) = (QuietBeforePing, LongestPong));
            services.Configure<ConnectionOptions>(options => options.DisconnectTimeout = NegotiatedFor);
        }),
    };

    /// <summary>How long a client may take nothing; 10 s in production.</summary>
    public static TimeSpan ProgressTimeout { get; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a client that has pinged may be silent; 30 s in production.</summary>
    public static TimeSpan ClientTimeout { get; } = TimeSpan.FromSeconds(6);

    /// <summary>How long a client may take to say which protocol it speaks; 15 s in production.</summary>
    public static TimeSpan HandshakeTimeout { get; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a client may be silent before its WebSocket is asked whether it is there; 30 s in production.</summary>
    public static TimeSpan QuietBeforePing { get; } = TimeSpan.FromSeconds(3);

    /// <summary>How long its WebSocket may take to answer; 30 s in production.</summary>
    public static TimeSpan LongestPong { get; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a negotiated connection waits to be opened; 15 s in production.</summary>
    public static TimeSpan NegotiatedFor { get; } = TimeSpan.FromSeconds(5);

    public ServerFixture Server { get; }

    /// <summary>What becomes of connections on the server's side.</summary>
    internal ConnectionWatch Watch { get; } = new();

    public ValueTask InitializeAsync() => Server.InitializeAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>These tests take the whole machine: one after the other, and nothing else beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BadClientsCollection : ICollectionFixture<BadClientsServer>
{
    public const string Name = "Bad clients";
}
