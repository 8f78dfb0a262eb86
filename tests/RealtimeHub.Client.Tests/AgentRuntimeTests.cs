using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests;

public sealed class AgentRuntimeTests : IAsyncLifetime
{
    private const string Home = "conversation:c1";
    private const string Work = "agent:writer";

    private readonly CancellationTokenSource stop = new();
    private FakeServer server = null!;
    private RealtimeHubClient client = null!;
    private Task running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        server = await FakeServer.StartAsync();
        client = server.ClientOf(HubKind.Agent);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.InTime();
        await client.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Run_Requested_IsStartedAndCompletedWhereItLives()
    {
        await StartAsync(async run =>
        {
            var message = await run.Publisher.BeginMessageAsync(run.Cancelled);
            await message.AppendAsync($"You said {run.Input.GetProperty("question").GetString()}.", run.Cancelled);
            await message.CompleteAsync(cancellationToken: run.Cancelled);
            await run.Publisher.CompletedAsync(Json.Of(new { done = true }), run.Cancelled);
        });

        await RequestAsync("r1");
        await EndOf("r1");

        Types().Should().Equal("run.started", "message.started", "message.delta", "message.completed", "run.completed");
        server.Topic(Home).All()[^2].Data.GetProperty("text").GetString().Should().Be("You said why.");
        server.RequestsOf<PublishEvents>().Where(p => p.Topic == Home).Should().OnlyContain(p => p.AgentId == "writer");
    }

    [Fact]
    public async Task Run_WithoutAnEndOfItsOwn_IsCompletedWhenTheHandlerReturns()
    {
        await StartAsync(_ => Task.CompletedTask);

        await RequestAsync("r1");
        await EndOf("r1");

        Types().Should().Equal("run.started", "run.completed");
    }

    [Fact]
    public async Task Run_CancelRequested_FiresTheTokenAndEndsWithTheReason()
    {
        var begun = new TaskCompletionSource();
        await StartAsync(async run =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, run.Cancelled);
        });
        await RequestAsync("r1");
        await begun.Task.InTime();

        await CopyAsync(EventTypes.RunCancelRequested, new { runId = "r1", reason = "not needed" });
        await EndOf("r1");

        server.Topic(Home).All()[^1].Type.Should().Be("run.cancelled");
        server.Topic(Home).All()[^1].Data.GetProperty("reason").GetString().Should().Be("not needed");
    }

    [Fact]
    public async Task Run_Steered_HearsTheInstructionsInOrder()
    {
        var heard = new List<string>();
        await StartAsync(async run =>
        {
            await foreach (var instruction in run.Instructions.ReadAllAsync(run.Cancelled))
            {
                heard.Add(instruction);
                if (heard.Count == 2)
                {
                    return;
                }
            }
        });
        await RequestAsync("r1");

        await CopyAsync(EventTypes.RunSteered, new { runId = "r1", instruction = "shorter" });
        await CopyAsync(EventTypes.RunSteered, new { runId = "r1", instruction = "in French" });
        await EndOf("r1");

        heard.Should().Equal("shorter", "in French");
    }

    [Fact]
    public async Task Run_HandlerThrows_FailsWithoutTellingTheInside()
    {
        await StartAsync(_ => throw new InvalidDataException("the secret is 42"));

        await RequestAsync("r1");
        await EndOf("r1");

        var failed = server.Topic(Home).All()[^1];
        failed.Type.Should().Be("run.failed");
        failed.Data.GetProperty("error").GetProperty("code").GetString().Should().Be("agent_error");
        failed.Data.GetRawText().Should().NotContain("42");
    }

    [Fact]
    public async Task Run_EndedElsewhere_IsLetGoOfQuietly()
    {
        var begun = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        await StartAsync(async run =>
        {
            await run.Publisher.FlushAsync(run.Cancelled); // what is still queued when a run ends elsewhere is not sent
            begun.TrySetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, run.Cancelled);
            }
            finally
            {
                released.TrySetResult();
            }
        });
        await RequestAsync("r1");
        await begun.Task.InTime();

        await CopyAsync(EventTypes.RunFailed, new { runId = "r1", error = new { code = "timeout", message = "too long" } });
        await released.Task.InTime();
        await RequestAsync("r2"); // its start shows that the first has nothing more to say
        await server.Changed.UntilAsync(() => Types().Count(t => t == "run.started") == 2);

        Types().Should().Equal("run.started", "run.started");
    }

    [Fact]
    public async Task Run_StartedByAnEarlierProcess_Fails()
    {
        server.Topic(Work).State = Json.Of(new
        {
            runs = new[] { new { runId = "old", agentId = "writer", status = "running", topic = Home, input = new { } } },
        });
        await StartAsync(_ => throw new InvalidOperationException("not to be run again"));

        await EndOf("old");

        Types().Should().Equal("run.failed");
        server.Topic(Home).All()[0].Data.GetProperty("error").GetProperty("code").GetString().Should().Be("agent_restarted");
    }

    [Fact]
    public async Task Run_StartedByAnEarlierProcess_IsResumedByChoice()
    {
        server.Topic(Work).State = Json.Of(new
        {
            runs = new[] { new { runId = "old", agentId = "writer", status = "running", topic = Home, input = new { } } },
        });
        var resumed = false;
        await StartAsync(
            run =>
            {
                resumed = run.IsResumed;
                return Task.CompletedTask;
            },
            o => o with { OnRestart = RestartPolicy.Resume });

        await EndOf("old");

        resumed.Should().BeTrue();
        Types().Should().Equal("run.completed");
    }

    [Fact]
    public async Task Run_AskedForWhileAway_IsTakenFromTheSnapshot()
    {
        server.Topic(Work).State = Json.Of(new
        {
            runs = new[] { new { runId = "r1", agentId = "writer", status = "requested", conversationId = "c1", input = new { } } },
        });
        await StartAsync(_ => Task.CompletedTask);

        await EndOf("r1");

        Types().Should().Equal("run.started", "run.completed");
    }

    [Fact]
    public async Task Runs_AskedAndOverBeforeTheAgentCame_AreNotBegun()
    {
        await RequestAsync("over");
        await CopyAsync(EventTypes.RunCancelled, new { runId = "over" });
        await RequestAsync("open");
        await StartAsync(_ => Task.CompletedTask, o => o with { Start = StartPosition.Earliest });

        await EndOf("open");

        server.Topic(Home).All().Should().OnlyContain(e => e.RunId == "open");
    }

    [Fact]
    public async Task Runs_MoreThanTheAgentDoesAtATime_WaitAndItSaysThatItIsBusy()
    {
        var go = new TaskCompletionSource();
        var atOnce = 0;
        var most = 0;
        var entered = new Signal();
        await StartAsync(
            async run =>
            {
                most = Math.Max(most, Interlocked.Increment(ref atOnce));
                entered.Set();
                await go.Task.WaitAsync(run.Cancelled);
                Interlocked.Decrement(ref atOnce);
            },
            o => o with { MaxConcurrentRuns = 2 });
        await RequestAsync("r1");
        await RequestAsync("r2");
        await RequestAsync("r3");
        await server.Changed.UntilAsync(() => Statuses().LastOrDefault() == "busy");
        await entered.UntilAsync(() => most == 2);

        go.SetResult();
        await EndOf("r1");
        await EndOf("r2");
        await EndOf("r3");
        await server.Changed.UntilAsync(() => Statuses().LastOrDefault() == "online");

        most.Should().Be(2);
    }

    [Fact]
    public async Task Run_ConnectionLostInTheMiddle_GoesOnAndStoresEverythingOnce()
    {
        var half = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await StartAsync(async run =>
        {
            var message = await run.Publisher.BeginMessageAsync(run.Cancelled);
            for (var n = 0; n < 200; n++)
            {
                if (n == 100)
                {
                    half.SetResult();
                    await goOn.Task.WaitAsync(run.Cancelled);
                }

                await message.AppendAsync($"{n} ", run.Cancelled);
            }

            await message.CompleteAsync(cancellationToken: run.Cancelled);
        });
        await RequestAsync("r1");
        await half.Task.InTime();

        server.DropConnections();
        goOn.SetResult();
        await EndOf("r1");

        var text = string.Concat(server.Topic(Home).All()
            .Where(e => e.Type == EventTypes.MessageDelta).Select(e => e.Data.GetProperty("text").GetString()));
        text.Should().Be(string.Concat(Enumerable.Range(0, 200).Select(n => $"{n} ")));
    }

    [Fact]
    public async Task Run_ServerRefusesAnEvent_FailsInsteadOfHanging()
    {
        await StartAsync(async run =>
        {
            await run.Publisher.FlushAsync(run.Cancelled);
            server.AnswerNext(nameof(PublishEvents), Error.Invalid("events[0].data", "is not right"));
            await run.Publisher.CustomAsync("custom.x", Json.Of(new { }), run.Cancelled);
        });

        await RequestAsync("r1");
        await EndOf("r1");

        server.Topic(Home).All()[^1].Data.GetProperty("error").GetProperty("code").GetString().Should().Be("publish_rejected");
    }

    [Fact]
    public async Task Stop_WithARunUnderWay_FailsItAndGoesOffline()
    {
        var begun = new TaskCompletionSource();
        await StartAsync(async run =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, run.Cancelled);
        });
        await RequestAsync("r1");
        await begun.Task.InTime();

        await stop.CancelAsync();
        await running.InTime();

        server.Topic(Home).All()[^1].Data.GetProperty("error").GetProperty("code").GetString().Should().Be("agent_stopped");
        Statuses().Last().Should().Be("offline");
    }

    [Fact]
    public async Task Status_SaidToBeOfflineByTheSystem_IsCorrected()
    {
        await StartAsync(_ => Task.CompletedTask);
        await server.Changed.UntilAsync(() => Statuses().LastOrDefault() == "online");

        await server.AppendAsync(Work, EventTypes.AgentStatusChanged, new { status = "offline" });

        await server.Changed.UntilAsync(() => Statuses().Count(s => s == "online") == 2);
    }

    private async Task StartAsync(Func<RunContext, Task> handler, Func<AgentRuntimeOptions, AgentRuntimeOptions>? configure = null)
    {
        var ready = new TaskCompletionSource();
        var options = new AgentRuntimeOptions { AgentId = "writer", OnReady = () => ready.TrySetResult() };
        running = new AgentRuntime(client, configure?.Invoke(options) ?? options).RunAsync(handler, stop.Token);
        await Task.WhenAny(ready.Task, running).InTime();
    }

    private Task<long> RequestAsync(string runId) => CopyAsync(EventTypes.RunRequested, new
    {
        runId,
        agentId = "writer",
        input = new { question = "why" },
        conversationId = "c1",
        deadline = DateTimeOffset.UnixEpoch,
    });

    private Task<long> CopyAsync(string type, object data) => server.AppendAsync(
        Work, type, data, new EventOrigin(Home, 1), Json.Of(data).GetProperty("runId").GetString());

    private Task EndOf(string runId) => server.Changed.UntilAsync(() => server.Topic(Home).All()
        .Any(e => e.RunId == runId && e.Type is EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCancelled));

    private IEnumerable<string> Types() => server.Topic(Home).All().Select(e => e.Type);

    private IEnumerable<string?> Statuses() => server.Topic(Work).All()
        .Where(e => e.Type == EventTypes.AgentStatusChanged).Select(e => e.Data.GetProperty("status").GetString());
}
