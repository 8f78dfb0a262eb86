using Microsoft.Playwright;
using RealtimeHub.EndToEnd.Tests.Harness;

namespace RealtimeHub.EndToEnd.Tests;

/// <summary>Who sees what, and until when: on the page, and on the wire below it.</summary>
public sealed class PermissionTests(Chromium chromium, ITestOutputHelper output) : EndToEndTest(chromium, output)
{
    [Fact]
    public async Task SecondBrowser_SameConversation_SeesTheSame()
    {
        await StartAsync(Readable);
        var page = await OperatorAsync();
        var viewer = await SignInAsync("viewer");
        await viewer.OpenAsync(Welcome);

        await page.SayAsync(Documents.Question);

        await viewer.ToGrowAsync(times: 2);
        await viewer.ToBeAsync("completed");
        await page.ToBeAsync("completed");
        await Assertions.Expect(viewer.Messages.First).ToContainTextAsync(Documents.Question);
        await Assertions.Expect(viewer.Messages).ToHaveCountAsync(2);
        await Assertions.Expect(page.Messages).ToHaveCountAsync(2);
        var log = await LogWithAsync("run.completed");
        var answer = Dashboard.Shown(log.Single(e => e.Type == "message.completed").Text);
        (await viewer.ShownAnswerAsync()).Should().Be(answer);
        (await page.ShownAnswerAsync()).Should().Be(answer);
        viewer.Received.Events(WelcomeTopic).Where(e => e.IsState).Select(e => e.Id)
            .Should().Equal(page.Received.Events(WelcomeTopic).Where(e => e.IsState).Select(e => e.Id));
    }

    [Fact]
    public async Task Observer_Writes_IsRefusedAndKeepsTheText()
    {
        await StartAsync(Quick);
        var viewer = await SignInAsync("viewer");
        await viewer.OpenAsync(Welcome);

        await viewer.SayAsync("May I?");

        await Assertions.Expect(viewer.ById("toast")).ToHaveAttributeAsync("data-code", "forbidden");
        await Assertions.Expect(viewer.ById("composer")).ToHaveValueAsync("May I?");
        await Assertions.Expect(viewer.Messages).ToHaveCountAsync(0);
        (await Log.ReadAsync(WelcomeTopic)).Should().NotContain(e => e.Type == "message.created");
    }

    [Fact]
    public async Task Stranger_NoParticipant_SeesNothing()
    {
        await StartAsync(Quick);
        var page = await OperatorAsync();
        await page.SayAsync(Documents.Question);
        await page.ToBeAsync("completed");

        var stranger = await SignInAsync("stranger");
        await Assertions.Expect(stranger.Page.GetByText("Conversations that you are in appear here.")).ToBeVisibleAsync();
        await Assertions.Expect(stranger.ById("conversation-item")).ToHaveCountAsync(0);
        await stranger.Page.GotoAsync($"/#/c/{Welcome}");

        await Assertions.Expect(stranger.Notice).ToContainTextAsync("There is no such conversation");
        await Assertions.Expect(stranger.Messages).ToHaveCountAsync(0);
        await Assertions.Expect(stranger.ById("composer")).ToHaveCountAsync(0);
        stranger.Received.All.Should().NotContain(Documents.Question).And.NotContain(Documents.Answer).And.NotContain("Ask the docs");
        stranger.Received.Snapshots(WelcomeTopic).Should().BeEmpty();
        stranger.Received.Events(WelcomeTopic).Should().BeEmpty();
    }

    [Fact]
    public async Task Participant_RemovedWhileWatching_LosesTheConversation()
    {
        const string Before = "What the guest may read";
        const string After = "What the guest may not read";
        await StartAsync(Quick);
        var page = await OperatorAsync();
        await page.ById("participants").ClickAsync();
        await page.ById("participant-id").FillAsync("guest");
        await page.ById("participant-add").ClickAsync();
        var entry = page.Page.Locator("[data-testid=participant][data-id=guest]");
        await Assertions.Expect(entry).ToBeVisibleAsync();
        var guest = await SignInAsync("guest");
        await guest.OpenAsync(Welcome);
        await page.SayAsync(Before);
        await Assertions.Expect(guest.Messages.First).ToContainTextAsync(Before);

        await page.ById("participants").ClickAsync();
        await entry.GetByTestId("participant-remove").ClickAsync();

        await Assertions.Expect(guest.Notice).ToContainTextAsync("You are no longer in this conversation");
        await Assertions.Expect(guest.Messages).ToHaveCountAsync(0);
        await Assertions.Expect(entry).ToHaveCountAsync(0);
        await page.SayAsync(After);
        await Assertions.Expect(page.Messages.Filter(new LocatorFilterOptions { HasText = After })).ToBeVisibleAsync();

        // What the guest's connection brings after that is the guest's own, and the lost conversation leaves the list.
        await guest.ById("new-conversation").ClickAsync();
        await guest.SayAsync("A conversation of my own");
        await Assertions.Expect(guest.Messages.First).ToContainTextAsync("A conversation of my own");
        await Assertions.Expect(guest.Listed(Welcome)).ToHaveCountAsync(0);
        var received = guest.Received.Events(WelcomeTopic);
        received.Should().Contain(e => e.Type == "message.created");
        received[^1].Type.Should().Be("participant.left", "whoever leaves sees that, and nothing after it");
        await Assertions.Expect(guest.Page.GetByText(After)).ToHaveCountAsync(0);
    }
}
