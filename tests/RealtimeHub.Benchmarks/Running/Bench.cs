using System.Runtime.InteropServices;
using RealtimeHub.Benchmarks.Clients;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>One run of the benchmarks: its options, its clients, and the servers that it started.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("realtimehub-bench-").FullName;
    private readonly List<MeasuredSystem> systems = [];
    private readonly PosixSignalRegistration[] signals;
    private int folders;

    public Bench(Arguments arguments)
    {
        Arguments = arguments;
        NatsServer = FindOnPath("nats-server");
        signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public Arguments Arguments { get; }

    /// <summary>The clients of all systems are read by one thread.</summary>
    public ClientLoop Loop { get; } = new();

    /// <summary>The program; null when it is not there, and then its columns are left out.</summary>
    public string? NatsServer { get; }

    /// <summary>Measured rounds; one more comes before them and is dropped.</summary>
    public int Rounds => Arguments.Int("rounds", 3);

    public async Task<MeasuredSystem> StartAsync(string name)
    {
        var place = NewFolder();
        MeasuredSystem system = name == NatsSystem.Nats
            ? await NatsSystem.StartAsync(NatsServer!, place)
            : await HubSystem.StartAsync(name, place);
        systems.Add(system);
        return system;
    }

    /// <summary>A folder that goes away at the end.</summary>
    public string NewFolder() => Path.Combine(folder, $"{++folders}");

    /// <summary>Those of the systems that are there and were asked for.</summary>
    public string[] Present(params string[] names)
    {
        var wanted = Arguments.Text("systems")?.Split(',');
        return Array.FindAll(names, n => (n != NatsSystem.Nats || NatsServer is not null) && wanted?.Contains(n) != false);
    }

    /// <summary>Starts each system that is there and was asked for.</summary>
    public async Task<IReadOnlyList<MeasuredSystem>> StartAllAsync(params string[] names)
    {
        var all = new List<MeasuredSystem>();
        foreach (var name in Present(names))
        {
            all.Add(await StartAsync(name));
        }

        return all;
    }

    /// <summary>Ends a server.</summary>
    public async Task StopAsync(MeasuredSystem system)
    {
        if (systems.Remove(system))
        {
            await system.DisposeAsync();
        }
    }

    /// <summary>Ends all servers, so that the next scenario has the machine for itself.</summary>
    public async Task StopAllAsync()
    {
        foreach (var system in systems.ToList())
        {
            await StopAsync(system);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Array.ForEach(signals, s => s.Dispose());
        await StopAllAsync();
        Loop.Dispose();
        DeleteFolder();
    }

    // The system's own answer to the signal, which follows, is to end this process.
    private void OnSignal(PosixSignalContext context)
    {
        systems.ForEach(s => s.Kill());
        DeleteFolder();
    }

    private void DeleteFolder()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? FindOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':').Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);
}
