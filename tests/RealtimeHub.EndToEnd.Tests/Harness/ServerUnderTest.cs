using System.Net.NetworkInformation;

namespace RealtimeHub.EndToEnd.Tests.Harness;

/// <summary>The server on an address and a folder that stay the same when it is killed and started again.</summary>
internal sealed class ServerUnderTest(string folder, string dashboard) : IAsyncDisposable
{
    private readonly HttpClient http = new();
    private readonly List<ChildProcess> lives = [];

    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort()}");

    public string Output => string.Join("\n--- started again ---\n", lives.Select(life => life.Output));

    public async Task StartAsync()
    {
        var life = new ChildProcess(Built.Server, folder, [], new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = Address.ToString(),
            ["Dashboard__Path"] = dashboard,
            ["Storage__Path"] = Path.Combine(folder, "data"),
        });
        lives.Add(life);
        await Eventually.GetAsync("the server is ready", async token =>
        {
            life.ThrowIfEnded();
            try
            {
                using var answer = await http.GetAsync(new Uri(Address, "/healthz/ready"), token);
                return answer.IsSuccessStatusCode ? answer : null;
            }
            catch (HttpRequestException)
            {
                return null; // it does not listen yet
            }
        });
    }

    public Task KillAsync() => lives[^1].KillAsync();

    public Task<string> GetTextAsync(string path) => http.GetStringAsync(new Uri(Address, path), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        foreach (var life in lives)
        {
            await life.DisposeAsync();
        }
    }

    // Below the ports that the system gives to clients: while the server is down, nobody else gets its port.
    private static int FreePort()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        while (true)
        {
            var port = Random.Shared.Next(20_000, 30_000);
            if (!taken.Contains(port))
            {
                return port;
            }
        }
    }
}
