using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;
using RealtimeHub.Server;
using RealtimeHub.Server.Dashboard;
using RealtimeHub.Server.Errors;
using RealtimeHub.Server.Identity;
using RealtimeHub.Server.Identity.Development;

namespace RealtimeHub.Benchmarks.Serving;

/// <summary>The service as it is, put together in the steps of its own program.</summary>
internal sealed class OursRole : Role
{
    private const string Tenant = "bench";

    private readonly WebApplication app;

    public OursRole(string folder)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args =
            [
                .. CommonSettings, "--Storage:Path", folder, "--Dashboard:Path", Path.Combine(folder, "no-dashboard"),
                "--Limits:ConnectionsPerUser", "0", // all clients are one user
            ],
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(RefusedToStartException).Assembly.GetName().Name, // where its controllers are looked for
        });
        builder.AddStorage();
        builder.AddIdentity();
        builder.AddCore();
        builder.AddHubs();
        builder.AddHttpApi();
        builder.LogToStandardError();
        app = builder.Build();
        app.UseProblems();
        app.MapDashboard();
        app.MapIdentity();
        app.MapHubs();
        app.MapHttpApi();
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
        var projector = app.Services.GetRequiredService<Projector>();
        await Poll.UntilAsync(() => projector.Position >= head.LastSequence, TimeSpan.FromSeconds(60), "the projector was not done");
    }

    public override async Task<string> IssueTokenAsync()
    {
        var request = new DevTokenRequest { Tenant = Tenant, User = "reader", Scopes = [Scopes.ConversationsRead] };
        return (await app.Services.GetRequiredService<DevelopmentIssuer>().IssueAsync(request, CancellationToken.None)).AccessToken;
    }

    public override IFeedTarget NewTarget() => new LogTarget(Log, KeyOf);

    public override async ValueTask DisposeAsync() => await app.DisposeAsync();

    private static TopicKey KeyOf(string name) => new(Tenant, Topic.Conversation(name));

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
