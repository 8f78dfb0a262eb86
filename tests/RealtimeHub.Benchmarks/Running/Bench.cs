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
        RedisServer = FindOnPath("redis-server");
        signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public Arguments Arguments { get; }

    /// <summary>The clients of all systems are read by one thread.</summary>
    public ClientLoop Loop { get; } = new();

    /// <summary>The program; null when it is not there, and then its columns are left out.</summary>
    public string? NatsServer { get; }

    /// <inheritdoc cref="NatsServer"/>
    public string? RedisServer { get; }

    /// <summary>Measured rounds; one more comes before them and is dropped.</summary>
    public int Rounds => Arguments.Int("rounds", 3);

    /// <param name="name">One of the systems.</param>
    /// <param name="nodes">Of how many processes.</param>
    public async Task<MeasuredSystem> StartAsync(string name, int nodes = 1)
    {
        MeasuredSystem system = name switch
        {
            NatsSystem.Nats => await NatsSystem.StartAsync(NatsServer!, NewFolder()),
            HubSystem.OursOnNats or HubSystem.BareOnTail =>
                await HubSystem.StartAsync(name, NewFolder(), await BackboneServer.StartNatsAsync(NatsServer!, NewFolder()), nodes),
            HubSystem.BareOnRedis =>
                await HubSystem.StartAsync(name, NewFolder(), await BackboneServer.StartRedisAsync(RedisServer!, NewFolder()), nodes),
            _ => await HubSystem.StartAsync(name, NewFolder()),
        };
        systems.Add(system);
        return system;
    }

    /// <summary>A folder that goes away at the end.</summary>
    public string NewFolder() => Path.Combine(folder, $"{++folders}");

    /// <summary>Those of the systems that are there and were asked for.</summary>
    public string[] Present(string[] names)
    {
        var wanted = Arguments.Text("systems")?.Split(',');
        return Array.FindAll(names, n => IsPresent(n) && wanted?.Contains(n) != false);
    }

    /// <summary>Starts each system that is there and was asked for.</summary>
    public async Task<IReadOnlyList<MeasuredSystem>> StartAllAsync(string[] names, int nodes = 1)
    {
        var all = new List<MeasuredSystem>();
        foreach (var name in Present(names))
        {
            all.Add(await StartAsync(name, nodes));
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

    private bool IsPresent(string system) => system switch
    {
        NatsSystem.Nats or HubSystem.OursOnNats or HubSystem.BareOnTail => NatsServer is not null,
        HubSystem.BareOnRedis => RedisServer is not null,
        _ => true,
    };

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
