using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RealtimeHub.Contracts;
using RealtimeHub.Core;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;
using RealtimeHub.Server.Admission;
using RealtimeHub.Server.Controllers;
using RealtimeHub.Server.Delivery;
using RealtimeHub.Server.Errors;
using RealtimeHub.Server.Health;
using RealtimeHub.Server.Hubs;
using RealtimeHub.Server.Hubs.Protocols;
using RealtimeHub.Server.Identity.Tickets;
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

    /// <summary>Where events and documents are kept.</summary>
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        var provider = builder.Configuration["Storage:Provider"] ?? "Sqlite";
        if (!provider.Equals("Sqlite", StringComparison.OrdinalIgnoreCase))
        {
            throw new RefusedToStartException($"Storage__Provider is '{provider}'; this version knows Sqlite.");
        }

        builder.Services.AddSqliteStorage(options => options.Path = builder.Configuration["Storage:Path"] ?? options.Path);
    }

    /// <summary>The behaviour: folds, pipeline, delivery, projector.</summary>
    public static void AddCore(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(builder.Configuration.GetSection("Limits").Get<Limits>() ?? new Limits());
        builder.Services.AddSingleton(builder.Configuration.GetSection("Retention").Get<RetentionOptions>() ?? new RetentionOptions());
        builder.Services.AddFolds();
        builder.Services.AddPipeline();
        builder.Services.AddDelivery();
        builder.Services.AddProjections();
    }

    /// <summary>The socket surface.</summary>
    public static void AddHubs(this WebApplicationBuilder builder)
    {
        var limits = builder.Configuration.GetSection("Limits").Get<Limits>() ?? new Limits();
        builder.Services.AddSingleton<HubAdapter>();
        builder.Services.AddSingleton<StreamPublisher>();
        builder.Services.AddSingleton<Draining>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Draining>());
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Draining.HostTimeout);
        builder.WebHost.UseSockets(options => options.CreateBoundListenSocket = SendQueue.Listen);
        builder.Services.Configure<WebSocketOptions>(options =>
            (options.KeepAliveInterval, options.KeepAliveTimeout) = (QuietBeforePing, LongestPong));
        builder.Services.AddSignalR(options =>
            {
                options.MaximumReceiveMessageSize = limits.HubMessageBytes;
                options.DisableImplicitFromServicesParameters = true; // what a method takes comes from the caller alone
            })
            .AddHubOptions<AgentHub>(options => options.MaximumReceiveMessageSize = limits.AgentMessageBytes)
            .AddHubProtocols()
            .AddDeliveryTransport()
            .AddDelivered<EventsHub>()
            .AddDelivered<OperatorHub>()
            .AddDelivered<AgentHub>()
            .AddCounted<EventsHub>()
            .AddCounted<OperatorHub>()
            .AddCounted<AgentHub>();
    }

    /// <summary>The resource surface.</summary>
    public static void AddHttpApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RequestBinder>();
        builder.Services.AddScoped<HttpAdapter>();
        builder.Services.AddControllers().ConfigureApplicationPartManager(parts =>
            parts.FeatureProviders.Add(new InternalControllers()));
        builder.Services.AddHealthChecks().AddCheck<LogHealthCheck>("log").AddCheck<DrainHealthCheck>("drain");
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
        app.UseExceptionHandler(errors => errors.Run(context =>
            Problems.WriteAsync(context, new Error(ErrorCode.Internal, "Something went wrong on our side."))));
        app.UseStatusCodePages(context => Problems.WriteStatusAsync(context.HttpContext));
        if (app.Configuration["Cors:Origins"] is { Length: > 0 })
        {
            app.UseCors();
        }
    }

    /// <summary>The hubs.</summary>
    public static void MapHubs(this WebApplication app)
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

    private static bool OpensSocket(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    /// <summary>The HTTP API and the health of the node.</summary>
    public static void MapHttpApi(this WebApplication app)
    {
        app.MapControllers().RequireAuthorization();
        app.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/healthz/ready", new HealthCheckOptions
        {
            ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
        });
    }
}
