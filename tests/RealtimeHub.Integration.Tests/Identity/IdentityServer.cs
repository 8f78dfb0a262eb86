using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Features.Sessions;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Identity;
using RealtimeHub.Server.Identity.Tickets;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Integration.Tests.Identity;

/// <summary>Identity alone on a real port, with a hub and two endpoints to try it on.</summary>
internal sealed class IdentityServer : IAsyncDisposable
{
    public const string Hub = "/hubs/probe";
    public const string Elsewhere = "/hubs/other";

    private static readonly string[] DefaultScopes = ["conversations.read"];

    private readonly WebApplication running;

    private IdentityServer(WebApplication app, RequestLog requests)
    {
        running = app;
        Requests = requests;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public RequestLog Requests { get; }

    public IServiceProvider Services => running.Services;

    public static async Task<IdentityServer> StartAsync(
        TimeProvider? clock = null,
        IDocumentStore? documents = null,
        string environment = "Development",
        params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Services.AddSingleton(documents ?? new MemoryDocuments());
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddAuthorizationBuilder().AddPolicy("nobody", policy => policy.RequireClaim("unheard-of"));
        builder.Services.AddSingleton<IEventLog>(new InMemoryEventLog());
        builder.Services.AddFolds().AddSingleton<SessionRevocations>();
        builder.Services.AddSignalR();
        builder.AddIdentity();

        var app = builder.Build();
        var requests = new RequestLog();
        app.Use(requests.RecordAsync);
        app.Use(PretendToBeElsewhere);
        app.MapIdentity();
        app.MapTicketedHub<ProbeHub>(Hub);
        app.MapTicketedHub<OtherHub>(Elsewhere);
        app.MapGet("/probe", (HttpContext context) =>
        {
            var caller = CallerFactory.Create(context.User, Surface.Http);
            return $"{caller.Tenant}/{caller.Subject.Id}";
        }).RequireAuthorization();
        app.MapGet("/nobody", () => "").RequireAuthorization("nobody");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new IdentityServer(app, requests);
    }

    /// <summary>Asks the development issuer.</summary>
    public async Task<HttpResponseMessage> AskForTokenAsync(object body) =>
        await Http.PostAsJsonAsync("/auth/dev-token", body, TestContext.Current.CancellationToken);

    /// <summary>A token of the development issuer.</summary>
    public async Task<string> TokenAsync(string tenant = "acme", string user = "ada", string[]? scopes = null, int? seconds = null)
    {
        using var response = await AskForTokenAsync(new { tenant, user, scopes = scopes ?? DefaultScopes, expiresInSeconds = seconds });
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return (string)(await JsonAsync(response))["accessToken"]!;
    }

    /// <summary>Negotiates as a stock client does first, for the ticket.</summary>
    public async Task<string> TicketAsync(string? token = null, string hub = Hub)
    {
        using var response = await SendAsync(HttpMethod.Post, hub + "/negotiate?negotiateVersion=1", token ?? await TokenAsync());
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return (string)(await JsonAsync(response))["accessToken"]!;
    }

    /// <summary>Negotiates as a stock client does next, for the connection.</summary>
    public async Task<string> ConnectionAsync(string ticket)
    {
        using var response = await SendAsync(HttpMethod.Post, Hub + "/negotiate?negotiateVersion=1", ticket);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return (string)(await JsonAsync(response))["connectionToken"]!;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? bearer = null, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>A stock client, not started.</summary>
    public HubConnection Client(
        HttpTransportType transports,
        Func<Task<string>> token,
        bool skipNegotiation = false,
        TimeSpan[]? reconnects = null)
    {
        var builder = new HubConnectionBuilder().WithUrl(new Uri(Http.BaseAddress!, Hub), transports, options =>
        {
            options.AccessTokenProvider = async () => await token();
            options.SkipNegotiation = skipNegotiation;
        });
        return (reconnects is null ? builder : builder.WithAutomaticReconnect(reconnects)).Build();
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!;

    /// <summary>Checks that the answer is a problem of that status and code, and hands it out.</summary>
    public static async Task<JsonNode> ProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        response.StatusCode.Should().Be(status);
        response.Content.Headers.ContentType?.MediaType.Should().Be("application/problem+json");
        var problem = await JsonAsync(response);
        ((string?)problem["code"]).Should().Be(code);
        ((int?)problem["status"]).Should().Be((int)status);
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await running.DisposeAsync();
    }

    private static Task PretendToBeElsewhere(HttpContext context, RequestDelegate next)
    {
        if (IPAddress.TryParse(context.Request.Headers["X-Test-Remote"].ToString(), out var address))
        {
            context.Connection.RemoteIpAddress = address;
        }

        return next(context);
    }
}
