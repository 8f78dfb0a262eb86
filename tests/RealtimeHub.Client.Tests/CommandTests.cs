using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests;

public sealed class CommandTests : IAsyncLifetime
{
    private static readonly SendMessage Hello = new() { ConversationId = "c1", Text = "hello" };
    private FakeServer server = null!;

    public async ValueTask InitializeAsync() => server = await FakeServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Command_WithoutAKey_GetsOne()
    {
        await using var client = server.ClientOf(HubKind.Operator);

        var reply = await client.SendMessageAsync(Hello, TestContext.Current.CancellationToken).InTime();

        var sent = server.RequestsOf<SendMessage>().Single();
        sent.IdempotencyKey.Should().NotBeNullOrEmpty();
        reply.Should().Be(Reply<SendMessageResult>.Success(new SendMessageResult($"m-{sent.IdempotencyKey}"), 7));
    }

    [Fact]
    public async Task Command_WithAKey_KeepsIt()
    {
        await using var client = server.ClientOf(HubKind.Operator);

        await client.SendMessageAsync(Hello with { IdempotencyKey = "mine" }, TestContext.Current.CancellationToken).InTime();

        server.RequestsOf<SendMessage>().Single().IdempotencyKey.Should().Be("mine");
    }

    [Fact]
    public async Task Command_ConnectionLostBeforeTheReply_IsRepeatedWithTheSameKey()
    {
        await using var client = server.ClientOf(HubKind.Operator);
        var gate = server.Hold(nameof(SendMessage));
        var call = client.SendMessageAsync(Hello, TestContext.Current.CancellationToken);
        await server.Changed.UntilAsync(() => server.RequestsOf<SendMessage>().Count == 1);

        server.DropConnections();
        gate.SetResult();
        var reply = await call.InTime();

        reply.Ok.Should().BeTrue();
        server.RequestsOf<SendMessage>().Should().HaveCount(2);
        server.RequestsOf<SendMessage>().Select(r => r.IdempotencyKey).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task Command_ServerAwayForAWhile_IsCarriedOutWhenItIsBack()
    {
        await server.GoAwayAsync();
        await using var client = server.ClientOf(HubKind.Operator);

        var call = client.SendMessageAsync(Hello, TestContext.Current.CancellationToken);
        await server.ComeBackAsync();

        (await call.InTime()).Ok.Should().BeTrue();
    }

    [Fact]
    public async Task Command_ServerStaysAway_AnswersUnavailableInTime()
    {
        await server.GoAwayAsync();
        await using var client = new RealtimeHubClient(
            Clients.OptionsFor(server, HubKind.Operator) with { CommandTimeout = TimeSpan.FromMilliseconds(50) });

        var reply = await client.SendMessageAsync(Hello, TestContext.Current.CancellationToken).InTime();

        reply.Error!.Code.Should().Be(ErrorCode.Unavailable);
    }

    [Theory]
    [InlineData(ErrorCode.Unavailable)]
    [InlineData(ErrorCode.RateLimited)]
    public async Task Command_NotNow_IsRepeatedWithTheSameKey(ErrorCode code)
    {
        await using var client = server.ClientOf(HubKind.Operator);
        server.AnswerNext(nameof(SendMessage), new Error(code, "later") { RetryAfterMs = 1 });

        (await client.SendMessageAsync(Hello, TestContext.Current.CancellationToken).InTime()).Ok.Should().BeTrue();

        server.RequestsOf<SendMessage>().Select(r => r.IdempotencyKey).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task Command_Refused_AnswersWithTheErrorOnce()
    {
        await using var client = server.ClientOf(HubKind.Operator);
        server.AnswerNext(nameof(CreateConversation), Error.Conflict("The id is taken."));

        var reply = await client.CreateConversationAsync(
            new CreateConversation { Id = "c1", Title = "One" }, TestContext.Current.CancellationToken).InTime();

        reply.Error!.Code.Should().Be(ErrorCode.Conflict);
        server.RequestsOf<CreateConversation>().Should().ContainSingle();
    }

    [Fact]
    public async Task Command_OnTheWrongHub_IsAMistake()
    {
        await using var client = server.ClientOf(HubKind.Events);

        await FluentActions.Awaiting(() => client.SendMessageAsync(Hello, TestContext.Current.CancellationToken)).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task PublishEvents_ConnectionLostBeforeTheReply_StoresEachOnce()
    {
        await using var client = server.ClientOf(HubKind.Agent);
        var gate = server.Hold(nameof(PublishEvents));
        var call = client.PublishEventsAsync(
            new PublishEvents
            {
                Topic = "conversation:c1",
                AgentId = "writer",
                Events = [new PublishedEvent { Type = "custom.a", Data = Json.Of(new { }) }, new PublishedEvent { Type = "custom.b", Data = Json.Of(new { }) }],
            },
            TestContext.Current.CancellationToken);
        await server.Changed.UntilAsync(() => server.RequestsOf<PublishEvents>().Count == 1 && server.Topic("conversation:c1").All().Count == 2);

        server.DropConnections();
        gate.SetResult();

        (await call.InTime()).Ok.Should().BeTrue();
        server.RequestsOf<PublishEvents>().Should().HaveCount(2);
        server.Topic("conversation:c1").All().Should().HaveCount(2);
    }
}
