using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;
using RealtimeHub.Server;
using RealtimeHub.Server.Errors;
using RealtimeHub.Server.Identity.Development;

namespace RealtimeHub.Benchmarks.Serving;

/// <summary>The service as it is, put together as its own program does it.</summary>
internal sealed class OursRole : Role
{
    private const string Tenant = "bench";

    private readonly WebApplication app;

    /// <param name="folder">Where it may write.</param>
    /// <param name="nats">Where NATS is; null: everything is in the folder.</param>
    public OursRole(string folder, string? nats = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args =
            [
                .. CommonSettings, "--Storage:Path", folder, "--Dashboard:Path", Path.Combine(folder, "no-dashboard"),
                "--Limits:ConnectionsPerUser", "0", // all clients are one user
                .. nats is null ? [] : new[] { "--Storage:Provider", "Nats", "--Nats:Url", nats },
                "--Limits:CommandsPerSecond", "0", "--Limits:PublishedEventsPerSecond", "0", "--Limits:HistoryReadsPerSecond", "0",
            ],
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(RefusedToStartException).Assembly.GetName().Name, // where its controllers are looked for
        });
        builder.AddRealtimeHub();
        builder.LogToStandardError();
        app = builder.Build();
        app.MapRealtimeHub();
    }

    public override long LogReads => app.Services.GetRequiredService<LogPages>().Reads;

    private IEventLog Log => app.Services.GetRequiredService<IEventLog>();

    public override Task<Uri> StartAsync() => app.StartOnFreePortAsync();

    /// <summary>Each topic is a conversation that everybody may read.</summary>
    public override async Task PrepareAsync(string prefix, int count)
    {
        foreach (var chunk in Enumerable.Range(0, count).Chunk(1000))
        {
            await Task.WhenAll(chunk.Select(n => CreateAsync(FeedOrder.TopicName(prefix, n))));
        }

        await SettleAsync();
    }

    public override async Task SettleAsync()
    {
        var head = await Log.GetHeadAsync(CancellationToken.None);
        var projector = app.Services.GetRequiredService<Projector>(); // maybe another node's
        for (var started = TimeProvider.System.GetTimestamp(); projector.Position < head.LastSequence; await projector.ObserveAsync(CancellationToken.None))
        {
            if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(60))
            {
                throw new TimeoutException("The projector was not done in time.");
            }

            await Poll.Pause(TimeSpan.FromMilliseconds(20));
        }
    }

    public override async Task<string> IssueTokenAsync()
    {
        var request = new DevTokenRequest { Tenant = Tenant, User = "reader", Scopes = [Scopes.ConversationsRead] };
        return (await app.Services.GetRequiredService<DevelopmentIssuer>().IssueAsync(request, CancellationToken.None)).AccessToken;
    }

    public override IFeedTarget NewTarget() => new LogTarget(Log, KeyOf);

    public override IFeedTarget NewInsistentTarget() => new InsistentTarget((topic, timestamp) =>
    {
        var e = BenchEvent.New(timestamp); // the same again and again: what is there already is not stored twice
        return () => Log.AppendAsync(KeyOf(topic), [e], expectedState: null, CancellationToken.None).AsTask();
    });

    /// <summary>The topic that an order means by a name.</summary>
    public static TopicKey KeyOf(string name) => new(Tenant, Topic.Conversation(name));

    public override async ValueTask DisposeAsync() => await app.DisposeAsync();

    private Task<AppendResult> CreateAsync(string name)
    {
        var everybody = new Participant { Kind = SubjectKind.Role, Id = "*", Role = ParticipantRole.Observer };
        var data = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
            new ConversationCreated(name, [everybody]), ContractsJson.WireType<ConversationCreated>());
        var now = TimeProvider.System.GetUtcNow();
        var id = Ids.New(now);
        var body = EventBody.Write(id, EventTypes.ConversationCreated, now, Subject.System, data);
        return Log.AppendAsync(KeyOf(name), [new NewEvent(id, Lane.State, body)], expectedState: 0, CancellationToken.None).AsTask();
    }
}
