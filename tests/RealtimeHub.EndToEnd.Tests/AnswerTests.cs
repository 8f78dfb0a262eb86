using Microsoft.Playwright;
using RealtimeHub.EndToEnd.Tests.Harness;

namespace RealtimeHub.EndToEnd.Tests;

/// <summary>An agent's answer, watched while it is written, also over the death of the server.</summary>
public sealed class AnswerTests(Chromium chromium, ITestOutputHelper output) : EndToEndTest(chromium, output)
{
    [Fact]
    public async Task Page_RunStarted_ShowsTokensAsTheyArrive()
    {
        await StartAsync(Readable);
        var page = await OperatorAsync();

        await page.SayAsync(Documents.Question);

        await Assertions.Expect(page.ById("reasoning").First).ToBeVisibleAsync();
        await Assertions.Expect(page.ById("tool-call").First).ToBeVisibleAsync();
        await page.ToGrowAsync(times: 3);
        await page.ToBeAsync("completed");
        await Dashboard.ToHaveAsync(page.Answer, "completed");
        await Assertions.Expect(page.AnswerText).ToContainTextAsync(Documents.Answer);
        await Assertions.Expect(page.AnswerText).ToContainTextAsync("harbour.md:3");

        var log = await LogWithAsync("run.completed");
        (await page.ShownAnswerAsync()).Should().Be(Dashboard.Shown(log.Single(e => e.Type == "message.completed").Text));
        await ToShowEverythingOnceAsync(page, log);
    }

    [Fact]
    public async Task Page_SuggestedQuestion_IsAskedWithOneClick()
    {
        await StartAsync(Quick);
        var page = await OperatorAsync();
        var question = await page.ById("suggested-question").First.InnerTextAsync();

        await page.ById("suggested-question").First.ClickAsync();

        await Assertions.Expect(page.Messages.First).ToContainTextAsync(question.Trim());
        await page.ToBeAsync("completed");
    }

    [Fact]
    public async Task Page_ServerKilledMidAnswer_GoesOnWithoutReloadAndEqualsTheLog()
    {
        await StartAsync(Slow);
        var page = await OperatorAsync();
        await page.Page.EvaluateAsync("window.marker = 'never reloaded'");

        await page.SayAsync(Documents.Question);
        await page.ToGrowAsync(times: 3);
        await Server.KillAsync();
        await Dashboard.ToHaveAsync(page.ById("connection-state"), "reconnecting");
        await Server.StartAsync();
        await page.ToBeConnectedAsync();
        await Assertions.Expect(page.ById("resumed-note")).ToContainTextAsync("nothing missed");
        await page.ToBeAsync("completed");
        await Dashboard.ToHaveAsync(page.Answer, "completed");

        (await page.Page.EvaluateAsync<string>("window.marker")).Should().Be("never reloaded");
        var log = await LogWithAsync("run.completed");
        (await page.ShownAnswerAsync()).Should().Be(Dashboard.Shown(log.Single(e => e.Type == "message.completed").Text));
        await ToShowEverythingOnceAsync(page, log);

        // On the wire as well: one snapshot, then every state event of the log, each once and in order.
        var from = page.Received.Snapshots(WelcomeTopic).Should().ContainSingle("it goes on from its cursor").Subject;
        page.Received.Events(WelcomeTopic).Where(e => e.IsState).Select(e => (e.Seq, e.Type))
            .Should().Equal(log.Where(e => e.IsState && e.Seq > from).Select(e => (e.Seq, e.Type)));
    }

    [Fact]
    public async Task Stop_RunInProgress_EndsCancelled()
    {
        await StartAsync(Slow);
        var page = await OperatorAsync();
        await page.SayAsync(Documents.Question);
        await page.ToGrowAsync(times: 1);

        await page.ById("stop").ClickAsync();

        await page.ToBeAsync("cancelled");
        await Dashboard.ToHaveAsync(page.Answer, "incomplete");
        await Assertions.Expect(page.ById("stop")).ToHaveCountAsync(0);
        var log = await LogWithAsync("run.cancelled");
        log.Should().NotContain(e => e.Type == "run.completed");
        var written = log.Single(e => e.Type == "message.completed");
        written.Data.GetProperty("incomplete").GetBoolean().Should().BeTrue();
        // It may have been cut inside of bold text, whose mark then stays a mark.
        Dashboard.Shown(await page.ShownAnswerAsync()).Should().Be(Dashboard.Shown(written.Text));
    }

    [Fact]
    public async Task Steer_RunInProgress_ChangesTheAnswer()
    {
        await StartAsync(Slow);
        var page = await OperatorAsync();
        await page.SayAsync(Documents.Question);
        await page.ToGrowAsync(times: 1);

        await page.ById("steer-input").FillAsync("only lighthouse.md");
        await page.ById("steer-send").ClickAsync();

        await page.ToBeAsync("completed");
        await Assertions.Expect(page.ById("steering")).ToContainTextAsync("only lighthouse.md");
        await Assertions.Expect(page.AnswerText).ToContainTextAsync("Changed while I worked: looking only in lighthouse.md");
        await Assertions.Expect(page.AnswerText).ToContainTextAsync("lighthouse.md:3");
        await Assertions.Expect(page.AnswerText).Not.ToContainTextAsync("harbour.md");
        var log = await LogWithAsync("run.completed");
        log.Should().ContainSingle(e => e.Type == "run.steered");
        await ToShowEverythingOnceAsync(page, log);
    }

    private static async Task ToShowEverythingOnceAsync(Dashboard page, IReadOnlyList<LoggedEvent> log)
    {
        Task Once(string testId, params string[] types) =>
            Assertions.Expect(page.ById(testId)).ToHaveCountAsync(log.Count(e => types.Contains(e.Type)));

        await Once("message", "message.created", "message.started");
        await Once("run", "run.requested");
        await Once("reasoning", "reasoning.started");
        await Once("tool-call", "tool_call.started");
        await Once("steering", "run.steered");

        var shown = await page.ById("run").Locator("[data-testid=reasoning], [data-testid=tool-call], [data-testid=message]")
            .EvaluateAllAsync<string[]>("all => all.map(e => e.dataset.testid)");
        shown.Should().Equal(from e in log where IsWork(e) select e.Type.Replace(".started", "").Replace('_', '-'), "it is shown in the order of the log");
    }

    private static bool IsWork(LoggedEvent e) => e.Type is "reasoning.started" or "tool_call.started" or "message.started";
}
