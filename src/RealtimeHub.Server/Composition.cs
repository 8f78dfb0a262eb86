using System.Reflection;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.Features;
using RealtimeHub.Contracts;
using RealtimeHub.Core;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Features.Presence;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;
using RealtimeHub.Nats;
using RealtimeHub.Redis;
using RealtimeHub.Server.Admission;
using RealtimeHub.Server.Controllers;
using RealtimeHub.Server.Dashboard;
using RealtimeHub.Server.Delivery;
using RealtimeHub.Server.Documents;
using RealtimeHub.Server.Errors;
using RealtimeHub.Server.Health;
using RealtimeHub.Server.Hubs;
using RealtimeHub.Server.Hubs.Protocols;
using RealtimeHub.Server.Identity;
using RealtimeHub.Server.Identity.Tickets;
using RealtimeHub.Server.Telemetry;
using RealtimeHub.Sqlite;

namespace RealtimeHub.Server;

/// <summary>The parts of the server, a method each.</summary>
internal static class Composition
{
    // One pending frame of 64 KiB may take a slow client this long; the engine's own rule ends those that take nothing.
    private static readonly TimeSpan TransportSendTimeout = TimeSpan.FromSeconds(60);

    // SignalR ends a client that falls silent only if it has pinged before. Who never did is asked below SignalR, where every client answers
    // by itself; stock clients speak every 15 s and are never asked.
    private static readonly TimeSpan QuietBeforePing = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPong = TimeSpan.FromSeconds(30);

    // The binder counts bodies and answers in our words; below it the web server takes so much more, and never less than by itself.
    private const int KestrelMargin = 64 * 1024;

    /// <summary>Everything that the server is made of.</summary>
    public static void AddRealtimeHub(this WebApplicationBuilder builder)
    {
        builder.AddStorage();
        builder.AddIdentity();
        builder.AddCore();
        builder.AddTelemetry();
        builder.AddHubs();
        builder.AddHttpApi();
        builder.AddDocuments();
    }

    /// <summary>What a request passes through, and where it ends up.</summary>
    public static void MapRealtimeHub(this WebApplication app)
    {
        app.UseProblems();
        app.MapDashboard();
        app.MapIdentity();
        app.MapHubs();
        app.MapHttpApi();
        app.MapDocuments();
    }

    /// <summary>Where events and documents are kept.</summary>
    private static void AddStorage(this WebApplicationBuilder builder)
    {
        switch ((builder.Configuration["Storage:Provider"] ?? "Sqlite").ToUpperInvariant())
        {
            case "SQLITE":
                builder.Services.AddSqliteStorage(options => options.Path = builder.Configuration["Storage:Path"] ?? options.Path);
                break;
            case "NATS":
                builder.Services.AddNatsStorage(builder.Configuration.GetSection("Nats").Bind).AddManyNodes();
                break;
            case var other:
                throw new RefusedToStartException($"Storage__Provider is '{other}'; this version knows Sqlite and Nats.");
        }
    }

    /// <summary>The behaviour: folds, pipeline, delivery, projector.</summary>
    private static void AddCore(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(LimitsOf(builder.Configuration));
        builder.Services.AddSingleton(builder.Configuration.GetSection("Retention").Get<RetentionOptions>() ?? new RetentionOptions());
        builder.Services.AddSingleton(builder.Configuration.GetSection("Presence").Get<PresenceOptions>() ?? new PresenceOptions());
        builder.Services.AddFolds();
        builder.Services.AddPipeline();
        builder.Services.AddDelivery();
        builder.Services.AddProjections();
    }

    private static Limits LimitsOf(ConfigurationManager configuration)
    {
        try
        {
            return configuration.GetSection("Limits").Get<Limits>() ?? new Limits();
        }
        catch (Exception e) when (e is InvalidOperationException or TargetInvocationException)
        {
            throw new RefusedToStartException("Every Limits__* is a whole number, 0 or larger; 0 switches it off.");
        }
    }

    /// <summary>The socket surface.</summary>
    public static void AddHubs(this WebApplicationBuilder builder)
    {
        var limits = LimitsOf(builder.Configuration);
        builder.Services.AddSingleton<HubAdapter>();
        builder.Services.AddSingleton<IPresenceAudience, GroupAudience>();
        builder.Services.AddSingleton<StreamPublisher>();
        builder.Services.AddSingleton<Draining>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Draining>());
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Draining.HostTimeout);
        builder.WebHost.UseSockets(options => options.CreateBoundListenSocket = SendQueue.Listen);
        builder.Services.Configure<WebSocketOptions>(options =>
            (options.KeepAliveInterval, options.KeepAliveTimeout) = (QuietBeforePing, LongestPong));
        var signalR = builder.Services.AddSignalR(options =>
            {
                options.MaximumReceiveMessageSize = limits.HubMessageBytes;
                options.DisableImplicitFromServicesParameters = true; // what a method takes comes from the caller alone
            })
            .AddHubOptions<AgentHub>(options => options.MaximumReceiveMessageSize = limits.AgentMessageBytes)
            .AddHubProtocols()
            .AddDeliveryTransport();
        if (builder.Configuration["Redis:Configuration"] is { Length: > 0 })
        {
            signalR.AddRedisBackplane(builder.Configuration.GetSection("Redis").Bind)
                .AddDelivered(RedisBackplaneExtensions.CreateBackplaneManager<EventsHub>)
                .AddDelivered(RedisBackplaneExtensions.CreateBackplaneManager<OperatorHub>, sendsSignals: true)
                .AddDelivered(RedisBackplaneExtensions.CreateBackplaneManager<AgentHub>);
        }
        else
        {
            signalR.AddDelivered<EventsHub>().AddDelivered<OperatorHub>(sendsSignals: true).AddDelivered<AgentHub>();
        }

        signalR.AddCounted<EventsHub>().AddCounted<OperatorHub>().AddCounted<AgentHub>();
    }

    /// <summary>The resource surface.</summary>
    private static void AddHttpApi(this WebApplicationBuilder builder)
    {
        var limits = LimitsOf(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize =
            Math.Max(kestrel.Limits.MaxRequestBodySize ?? 0, (long)limits.BodyBytes + KestrelMargin));
        builder.Services.AddTransient<IStartupFilter, HeadAsGet>();
        builder.Services.AddSingleton<RequestBinder>();
        builder.Services.AddScoped<HttpAdapter>();
        builder.Services.AddControllers().ConfigureApplicationPartManager(parts =>
            parts.FeatureProviders.Add(new InternalControllers()));
        builder.Services.AddHealthChecks().AddCheck<LogHealthCheck>("log").AddCheck<TailHealthCheck>("tail")
            .AddCheck<ProjectorHealthCheck>("projector").AddCheck<BackplaneHealthCheck>("backplane").AddCheck<DrainHealthCheck>(Readiness.Drain);
        if (builder.Configuration["Cors:Origins"] is { Length: > 0 } origins)
        {
            builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
                .WithOrigins(origins.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
                .AllowAnyHeader().AllowAnyMethod().AllowCredentials().WithExposedHeaders("Event-Sequence", "Location", "Retry-After")));
        }
    }

    /// <summary>What the framework itself answers (no such route, not this method, a fault) looks like every other error.</summary>
    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(errors => errors.Run(Problems.WriteFaultAsync));
        app.UseStatusCodePages(context => Problems.WriteStatusAsync(context.HttpContext));
        if (app.Configuration["Cors:Origins"] is { Length: > 0 })
        {
            app.UseCors();
        }
    }

    /// <summary>The hubs.</summary>
    private static void MapHubs(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/hubs", StringComparison.Ordinal), hubs => hubs.Use(RefuseWhileDraining));
        app.MapTicketedHub<EventsHub>(HubPaths.Events, options => options.TransportSendTimeout = TransportSendTimeout);
        app.MapTicketedHub<OperatorHub>(HubPaths.Operator, options => options.TransportSendTimeout = TransportSendTimeout);
        app.MapTicketedHub<AgentHub>(HubPaths.Agent, options => options.TransportSendTimeout = TransportSendTimeout);
    }

    // Requests of connections that are there (polls, sends of event streams) go on until those are told.
    private static Task RefuseWhileDraining(HttpContext context, RequestDelegate next) =>
        context.RequestServices.GetRequiredService<Draining>().HasBegun
        && (OpensSocket(context) || context.Request.Path.Value!.EndsWith("/negotiate", StringComparison.Ordinal))
            ? Problems.WriteAsync(context, Draining.Refusal)
            : next(context);

    /// <summary>Whether the request asks for a WebSocket; SignalR looks closer only when it has it.</summary>
    public static bool OpensSocket(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    /// <summary>The HTTP API and the health of the node.</summary>
    private static void MapHttpApi(this WebApplication app)
    {
        app.MapControllers().RequireAuthorization();
        app.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false })
            .WithTags("Server").WithSummary("Whether the process answers at all.").WithMetadata(Text(StatusCodes.Status200OK));
        app.MapHealthChecks("/healthz/ready", new HealthCheckOptions { ResponseWriter = Readiness.WriteAsync })
            .WithTags("Server").WithSummary("Whether the node takes new work: not while its log is away, nor while it drains.")
            .WithMetadata(Text(StatusCodes.Status200OK), Text(StatusCodes.Status503ServiceUnavailable));
        app.MapPrometheusScrapingEndpoint("/metrics")
            .WithTags("Server").WithSummary("The node's metrics as Prometheus text.").WithMetadata(Text(StatusCodes.Status200OK));
    }

    private static ProducesResponseTypeMetadata Text(int status) => new(status, typeof(string), ["text/plain"]);
}
