using System.Collections.Concurrent;
using Microsoft.Playwright;
using RealtimeHub.EndToEnd.Tests.Harness;

namespace RealtimeHub.EndToEnd.Tests;

/// <summary>The reference at <c>/docs</c> in a real browser, with nothing but this server to load from.</summary>
public sealed class ReferencePageTests(Chromium chromium, ITestOutputHelper output) : EndToEndTest(chromium, output)
{
    private readonly Chromium browser = chromium;

    [Fact]
    public async Task Open_WithoutANetwork_ShowsTheOperations()
    {
        await StartServerAsync(dashboard: AppContext.BaseDirectory); // without a dashboard
        var context = await browser.NewContextAsync(Server.Address);
        var page = await context.NewPageAsync();
        var elsewhere = new ConcurrentQueue<string>();
        var problems = new ConcurrentQueue<string>();
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(Server.Address.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                elsewhere.Enqueue(request.Url);
            }
        };
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                problems.Enqueue(message.Text);
            }
        };

        await page.GotoAsync("/docs");

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "RealtimeHub" }).First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Agents", Exact = true }).ClickAsync(); // sections are drawn when they are asked for
        await Assertions.Expect(page.GetByText("/api/v1/agents/{agentId}").First).ToBeVisibleAsync();
        elsewhere.Should().BeEmpty();
        problems.Should().BeEmpty();
        await context.CloseAsync();
    }
}
