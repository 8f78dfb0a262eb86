using Microsoft.Extensions.Logging;
using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;
using RealtimeHub.DemoAgent.Hosting;
using RealtimeHub.DemoAgent.Models;
using Options = Microsoft.Extensions.Options.Options;

namespace RealtimeHub.Client.Tests.DemoAgent;

/// <summary>The whole agent against a server on loopback.</summary>
public sealed class DocsGuideTests : IAsyncLifetime
{
    private const string Home = "conversation:welcome";
    private readonly Lines lines = new();
    private FakeServer server = null!;
    private DocsGuide agent = null!;

    public async ValueTask InitializeAsync() => server = await FakeServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await agent.StopAsync(CancellationToken.None);
        agent.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Start_FirstTime_RegistersItselfAndSaysOneLine()
    {
        await StartAsync();
        await OnlineAsync();

        var agentRequest = server.RequestsOf<RegisterAgent>().Single();
        agentRequest.AgentId.Should().Be("docs-guide");
        agentRequest.Grants.Should().Equal(
            new AccessGrant(Subject.User("operator"), Permission.Operate),
            new AccessGrant(Subject.Role("operator"), Permission.Operate),
            new AccessGrant(Subject.User("viewer"), Permission.View));
        server.RequestsOf<CreateConversation>().Single().Id.Should().Be("welcome");
        await lines.Changed.UntilAsync(() => lines.Written.Count > 0);
        lines.Written.Should().ContainSingle().Which.Should().StartWith("Docs Guide is ready");
    }

    [Fact]
    public async Task Start_ConversationIsThere_GoesOn()
    {
        server.AnswerNext(nameof(CreateConversation), Error.Conflict("The id is taken."));

        await StartAsync();

        await OnlineAsync();
    }

    [Fact]
    public async Task Start_BeforeTheServer_WaitsQuietly()
    {
        await server.GoAwayAsync();
        await StartAsync();
        await server.ComeBackAsync();

        await OnlineAsync();

        await lines.Changed.UntilAsync(() => lines.Written.Count > 0);
        lines.Written.Should().ContainSingle();
    }

    [Fact]
    public async Task Run_Requested_IsAnsweredWhereItLives()
    {
        await StartAsync();
        await OnlineAsync();

        await RequestAsync("r1", new { question = "What does the demo agent do without a model?" });
        await server.Changed.UntilAsync(() => Ended("r1"));

        var events = server.Topic(Home).All();
        events[0].Type.Should().Be(EventTypes.RunStarted);
        events[^1].Type.Should().Be(EventTypes.RunCompleted);
        events[^1].Data.GetProperty("output").GetProperty("citations").GetArrayLength().Should().BePositive();
    }

    [Fact]
    public async Task Run_WithoutAQuestion_TakesTheNewestMessage()
    {
        server.Topic(Home).State = Json.Of(new { messages = new[] { new { role = "user", text = "Where do zebras live?" } } });
        await StartAsync();
        await OnlineAsync();

        await RequestAsync("r1", new { });
        await server.Changed.UntilAsync(() => Ended("r1"));

        server.Topic(Home).All().Single(e => e.Type == EventTypes.MessageCompleted).Data.GetProperty("text").GetString().Should().Contain("zebras");
    }

    [Fact]
    public async Task Run_Cancelled_EndsWithTheReason()
    {
        await StartAsync(tokensPerSecond: 2);
        await OnlineAsync();
        await RequestAsync("r1", new { question = "What is a cursor?" });
        await server.Changed.UntilAsync(() => server.Topic(Home).All().Any(e => e.Type == EventTypes.ReasoningDelta));

        await server.AppendAsync("agent:docs-guide", EventTypes.RunCancelRequested, new { runId = "r1", reason = "enough" }, new EventOrigin(Home, 1), "r1");
        await server.Changed.UntilAsync(() => Ended("r1"));

        var last = server.Topic(Home).All()[^1];
        last.Type.Should().Be(EventTypes.RunCancelled);
        last.Data.GetProperty("reason").GetString().Should().Be("enough");
    }

    private async Task StartAsync(double tokensPerSecond = 0)
    {
        agent = new DocsGuide(
            Options.Create(new DocsGuideOptions { Server = server.Address, TokensPerSecond = tokensPerSecond }),
            Options.Create(new ModelOptions()),
            TimeProvider.System,
            lines);
        await agent.StartAsync(TestContext.Current.CancellationToken);
    }

    private Task OnlineAsync() => server.Changed.UntilAsync(() => server.Topic("agent:docs-guide").All().Any(
        e => e.Type == EventTypes.AgentStatusChanged && e.Data.GetProperty("status").ValueEquals("online")));

    private Task<long> RequestAsync(string runId, object input) => server.AppendAsync(
        "agent:docs-guide",
        EventTypes.RunRequested,
        new { runId, agentId = "docs-guide", input, conversationId = "welcome", deadline = DateTimeOffset.UnixEpoch },
        new EventOrigin(Home, 1),
        runId);

    private bool Ended(string runId) => server.Topic(Home).All()
        .Any(e => e.RunId == runId && e.Type is EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCancelled);

    /// <summary>What a person sees on the console.</summary>
    private sealed class Lines : ILogger<DocsGuide>
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> written = new();

        public IReadOnlyList<string> Written => [.. written];

        public Signal Changed { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                written.Enqueue(formatter(state, exception));
                Changed.Set();
            }
        }
    }
}
