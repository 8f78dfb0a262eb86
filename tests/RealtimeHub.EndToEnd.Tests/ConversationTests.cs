using System.Text.RegularExpressions;
using Microsoft.Playwright;
using RealtimeHub.EndToEnd.Tests.Harness;

namespace RealtimeHub.EndToEnd.Tests;

public sealed class ConversationTests(Chromium chromium, ITestOutputHelper output) : EndToEndTest(chromium, output)
{
    [Fact]
    public async Task NewConversation_FirstMessage_MakesIt()
    {
        await StartAsync(Quick);
        var page = await OperatorAsync();

        await page.ById("new-conversation").ClickAsync();
        await page.SayAsync(Documents.Question);

        await Assertions.Expect(page.Page).ToHaveURLAsync(new Regex("#/c/[0-9a-f]{32}$", RegexOptions.None, Eventually.Deadline));
        var id = page.Page.Url.Split('/')[^1];
        await Assertions.Expect(page.Listed(id)).ToContainTextAsync(Documents.Question);
        await page.ToBeAsync("completed");
        await Assertions.Expect(page.AnswerText).ToContainTextAsync(Documents.Answer);
        var log = await LogWithAsync("run.completed", $"conversation:{id}");
        log[0].Type.Should().Be("conversation.created");
        log.Single(e => e.Type == "message.created").Text.Should().Be(Documents.Question);

        // It is in the address: a reload comes back to it, signed in and complete.
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.AnswerText).ToContainTextAsync(Documents.Answer);
        (await page.ShownAnswerAsync()).Should().Be(Dashboard.Shown(log.Single(e => e.Type == "message.completed").Text));
        await Assertions.Expect(page.ById("reasoning")).ToHaveCountAsync(log.Count(e => e.Type == "reasoning.started"));
        await Assertions.Expect(page.ById("tool-call")).ToHaveCountAsync(log.Count(e => e.Type == "tool_call.started"));
    }

    [Fact]
    public async Task NoDashboard_ServerRuns_SaysSo()
    {
        await StartServerAsync(dashboard: "/nowhere");

        (await Server.GetTextAsync("/")).Should().Contain("RealtimeHub is running").And.Contain("./build.sh run");
    }
}
