using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealtimeHub.Client.Connection;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests.Fakes;

/// <summary>A small server of the wire on a real loopback port, whose log outlives it: it can go away and come back.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, FakeTopic> topics = new();
    private readonly ConcurrentDictionary<string, HubCallerContext> connections = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> gates = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Func<Error?>>> answers = new();
    private readonly SemaphoreSlim order = new(1, 1);
    private WebApplication? app;

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Every request, as it was bound, in order.</summary>
    public ConcurrentQueue<(string Method, object Request)> Requests { get; } = new();

    public ConcurrentQueue<string> Tokens { get; } = new();

    public ConcurrentDictionary<string, SubscribeStatus> Refusals { get; } = new();

    /// <summary>Copies run events into the agent's topic, as the projector does.</summary>
    public bool Copies { get; set; } = true;

    public int ConnectionCount => connections.Count;

    public Signal Changed { get; } = new();

    public FakeTopic Topic(string name) => topics.GetOrAdd(name, static key => new FakeTopic(key));

    public static async Task<FakeServer> StartAsync()
    {
        var server = new FakeServer();
        await server.ComeBackAsync();
        return server;
    }

    public async Task ComeBackAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address.AbsoluteUri);
        builder.Services.AddSingleton(this);
        builder.Services.AddSignalR(options => options.MaximumReceiveMessageSize = 1_310_720)
            .AddJsonProtocol(json => json.PayloadSerializerOptions = WireJson.Options);
        app = builder.Build();
        app.UseWebSockets();
        app.Use(RedirectBearersAsync);
        app.MapHub<FakeHub>(HubPaths.Events);
        app.MapHub<FakeHub>(HubPaths.Operator);
        app.MapHub<FakeHub>(HubPaths.Agent);
        FakeHttp.Map(app, this);
        await app.StartAsync(TestContext.Current.CancellationToken);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public async Task GoAwayAsync()
    {
        if (app is { } running)
        {
            app = null;
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await running.StopAsync(now.Token);
            await running.DisposeAsync();
            connections.Clear();
            Changed.Set();
        }
    }

    /// <summary>Cuts every connection without a word.</summary>
    public void DropConnections()
    {
        foreach (var context in connections.Values)
        {
            context.Abort();
        }
    }

    /// <summary>Ends every connection in good order: what was sent before arrives.</summary>
    public void CloseConnections()
    {
        foreach (var context in connections.Values)
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()!.RequestClose();
        }
    }

    /// <summary>The next call of a method gets this error instead; the effect may run something first.</summary>
    public void AnswerNext(string method, Error? error, Action? effect = null) =>
        answers.GetOrAdd(method, static _ => new()).Enqueue(() =>
        {
            effect?.Invoke();
            return error;
        });

    /// <summary>Holds replies of a method back until what is returned is set.</summary>
    public TaskCompletionSource Hold(string method) => gates[method] = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Gate(string method) => gates.TryGetValue(method, out var gate) ? gate.Task : Task.CompletedTask;

    public Error? Answer(string method, object request)
    {
        Requests.Enqueue((method, request));
        Changed.Set();
        return answers.TryGetValue(method, out var queue) && queue.TryDequeue(out var answer) ? answer() : null;
    }

    public IReadOnlyList<T> RequestsOf<T>() => [.. Requests.Select(call => call.Request).OfType<T>()];

    public Task<long> AppendAsync(string topic, string type, object data, EventOrigin? origin = null, string? runId = null) =>
        AppendAsync(topic, Subject.System, [new PublishedEvent { Type = type, RunId = runId, Data = Json.Of(data) }], origin);

    public async Task<long> AppendAsync(string topic, Subject actor, IReadOnlyList<PublishedEvent> events, EventOrigin? origin = null)
    {
        var last = 0L;
        var copies = new List<(PublishedEvent Event, EventOrigin Origin)>();
        await InOrderAsync(async () =>
        {
            foreach (var e in events)
            {
                // A known id is acknowledged and stored once.
                if (e.Id is not null && Topic(topic).Stored(e.Id) is { } known)
                {
                    last = known.Seq;
                    continue;
                }

                var (stored, watchers) = Topic(topic).Append(e, actor, origin);
                last = stored.Seq;
                await SendAsync(watchers, nameof(IEventsClient.Events), new EventsMessage(topic, Topic(topic).CursorAt(stored.Seq), [stored]));
                if (Copies && actor.Kind == SubjectKind.Agent && e.Type.StartsWith("run.", StringComparison.Ordinal) && topic != $"agent:{actor.Id}")
                {
                    copies.Add((e with { Id = $"copy-{e.Id}" }, new EventOrigin(topic, last)));
                }
            }
        });
        foreach (var (copy, from) in copies)
        {
            await AppendAsync($"agent:{actor.Id}", Subject.System, [copy], from);
        }

        Changed.Set();
        return last;
    }

    /// <summary>What is stored first is sent first, and a subscription begins between two events.</summary>
    public async Task InOrderAsync(Func<Task> work)
    {
        await order.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await work();
        }
        finally
        {
            order.Release();
        }
    }

    public Task SendAsync(string method, object message) => SendAsync([.. connections.Keys], method, message);

    public void Joined(HubCallerContext context)
    {
        connections[context.ConnectionId] = context;
        Changed.Set();
    }

    public void Left(HubCallerContext context)
    {
        connections.TryRemove(context.ConnectionId, out _);
        foreach (var topic in topics.Values)
        {
            topic.Leave(context.ConnectionId);
        }

        Changed.Set();
    }

    public async ValueTask DisposeAsync()
    {
        await GoAwayAsync();
        order.Dispose();
    }

    private async Task SendAsync(string[] to, string method, object message)
    {
        if (app is { } running)
        {
            await running.Services.GetRequiredService<IHubContext<FakeHub>>().Clients.Clients(to).SendAsync(method, message, TestContext.Current.CancellationToken);
        }
    }

    // As the real server does: a bearer is answered with a ticket, and only tickets negotiate.
    private async Task RedirectBearersAsync(HttpContext context, RequestDelegate next)
    {
        var bearer = context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        if (context.Request.Path.Value!.EndsWith("/negotiate", StringComparison.Ordinal) && !bearer.StartsWith("ticket-", StringComparison.Ordinal))
        {
            Tokens.Enqueue(bearer);
            Changed.Set();
            var hub = context.Request.Path.Value[..^"/negotiate".Length];
            await context.Response.WriteAsJsonAsync(new { url = $"{Address.AbsoluteUri.TrimEnd('/')}{hub}", accessToken = $"ticket-{bearer}" }, context.RequestAborted);
            return;
        }

        await next(context);
    }
}
