using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace RealtimeHub.EndToEnd.Tests.Harness;

/// <summary>The dashboard as one person sees it.</summary>
internal sealed class Dashboard(IPage page, string user)
{
    public IPage Page { get; } = page;

    public string User { get; } = user;

    public Received Received { get; } = new(page);

    public ILocator Messages => ById("message");

    /// <summary>The newest message of an agent.</summary>
    public ILocator Answer => Page.Locator("[data-testid=message][data-role=assistant]").Last;

    public ILocator AnswerText => Answer.GetByTestId("message-text");

    public ILocator RunStatus => ById("run-status").Last;

    public ILocator Notice => ById("conversation-notice");

    public ILocator ById(string testId) => Page.GetByTestId(testId);

    public ILocator Listed(string conversationId) => Page.Locator($"[data-testid=conversation-item][data-id='{conversationId}']");

    /// <summary>The form is filled in for <c>operator</c> already: one click.</summary>
    public async Task SignInAsync()
    {
        await Page.GotoAsync("/");
        if (User != "operator")
        {
            await ById("sign-in-user").FillAsync(User);
        }

        await ById("sign-in").ClickAsync();
        await ToBeConnectedAsync();
    }

    public async Task OpenAsync(string conversationId)
    {
        await Listed(conversationId).ClickAsync();
        await Assertions.Expect(ById("participants")).ToBeVisibleAsync();
    }

    public async Task SayAsync(string text)
    {
        await ById("composer").FillAsync(text);
        await ById("send").ClickAsync();
    }

    public Task ToBeConnectedAsync() => ToHaveAsync(ById("connection-state"), "connected");

    public Task ToBeAsync(string runStatus) => ToHaveAsync(RunStatus, runStatus);

    public static Task ToHaveAsync(ILocator element, string status) => Assertions.Expect(element).ToHaveAttributeAsync("data-status", status);

    /// <summary>Waits until the answer that is being written has become longer so many times.</summary>
    public async Task ToGrowAsync(int times)
    {
        var length = 0;
        for (var i = 0; i < times; i++)
        {
            var longer = await Page.WaitForFunctionAsync(
                """
                length => {
                    const text = [...document.querySelectorAll('[data-testid=message][data-role=assistant][data-status=open] [data-testid=message-text]')].at(-1);
                    return text && text.textContent.length > length && text.textContent.length;
                }
                """,
                length);
            length = await longer.JsonValueAsync<int>();
        }
    }

    /// <summary>The newest answer, without what Markdown leaves open: white space.</summary>
    public async Task<string> ShownAnswerAsync() => WithoutSpace(await AnswerText.TextContentAsync() ?? "");

    /// <summary>What <see cref="ShownAnswerAsync"/> has to be for a text of the log: without the marks that turn into style, and the brackets around citations.</summary>
    public static string Shown(string markdown) =>
        WithoutSpace(Regex.Replace(markdown, @"^- |[][*`]", "", RegexOptions.Multiline | RegexOptions.NonBacktracking));

    private static string WithoutSpace(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
