using Microsoft.Playwright;

namespace RealtimeHub.EndToEnd.Tests.Harness;

/// <summary>Starts what a test asks for, ends all of it, and keeps what explains a failure.</summary>
public abstract class EndToEndTest(Chromium chromium, ITestOutputHelper output) : IAsyncDisposable
{
    protected const string Welcome = "welcome";
    protected const string WelcomeTopic = "conversation:welcome";

    // Tokens per second: an answer of about 200 takes half a second, three seconds to watch, ten to step in.
    protected const int Quick = 400;
    protected const int Readable = 60;
    protected const int Slow = 20;

    private readonly string folder = Directory.CreateTempSubdirectory("realtimehub-e2e-").FullName;
    private readonly List<Dashboard> dashboards = [];
    private ServerUnderTest? server;
    private ChildProcess? agent;
    private Log? log;

    private protected ServerUnderTest Server => server ?? throw new InvalidOperationException("No server was started.");

    private protected Log Log => log ??= new Log(Server.Address);

    private protected async Task StartServerAsync(string? dashboard = null)
    {
        server = new ServerUnderTest(folder, dashboard ?? Built.Dashboard);
        await server.StartAsync();
    }

    /// <summary>The server, and the agent with documents of which the answers are known.</summary>
    private protected async Task StartAsync(int tokensPerSecond)
    {
        await StartServerAsync();
        var documents = Path.Combine(folder, "documents");
        Documents.WriteTo(documents);
        agent = new ChildProcess(
            Built.DemoAgent, folder, ["--server", $"{Server.Address}", "--folder", documents, "--tokens-per-second", $"{tokensPerSecond}"],
            new Dictionary<string, string>());
        await Eventually.GetAsync("the agent is ready", _ =>
        {
            agent.ThrowIfEnded();
            return Task.FromResult(agent.Output.Contains("Docs Guide is ready", StringComparison.Ordinal) ? agent : null);
        });
    }

    /// <summary>A person with a browser of their own, signed in.</summary>
    private protected async Task<Dashboard> SignInAsync(string user)
    {
        var context = await chromium.NewContextAsync(Server.Address);
        var dashboard = new Dashboard(await context.NewPageAsync(), user);
        dashboards.Add(dashboard);
        await dashboard.SignInAsync();
        return dashboard;
    }

    /// <summary>The operator in front of the welcome conversation.</summary>
    private protected async Task<Dashboard> OperatorAsync()
    {
        var dashboard = await SignInAsync("operator");
        await dashboard.OpenAsync(Welcome);
        return dashboard;
    }

    /// <summary>The log once an event of the type is in it.</summary>
    private protected Task<IReadOnlyList<LoggedEvent>> LogWithAsync(string type, string topic = WelcomeTopic) =>
        Eventually.GetAsync($"{type} in the log of {topic}", async _ =>
        {
            var events = await Log.ReadAsync(topic);
            return events.Any(e => e.Type == type) ? events : null;
        });

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        try
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
            {
                await KeepAsync();
            }
        }
        finally
        {
            foreach (var dashboard in dashboards)
            {
                await dashboard.Page.Context.CloseAsync();
            }

            log?.Dispose();
            if (agent is not null)
            {
                await agent.DisposeAsync();
            }

            if (server is not null)
            {
                await server.DisposeAsync();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task KeepAsync()
    {
        var kept = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "failures", TestContext.Current.TestMethod!.MethodName)).FullName;
        output.WriteLine($"Screenshots and the processes' output: {kept}");
        await File.WriteAllTextAsync(Path.Combine(kept, "server.log"), server?.Output, CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(kept, "agent.log"), agent?.Output, CancellationToken.None);
        foreach (var dashboard in dashboards)
        {
            await File.WriteAllTextAsync(Path.Combine(kept, $"{dashboard.User}.received.txt"), dashboard.Received.All, CancellationToken.None);
            await dashboard.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(kept, $"{dashboard.User}.png") });
        }
    }
}
