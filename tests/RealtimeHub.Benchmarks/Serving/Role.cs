using RealtimeHub.Benchmarks.Feeding;
using RealtimeHub.Benchmarks.Running;

namespace RealtimeHub.Benchmarks.Serving;

/// <summary>A server that is measured, in a process of its own.</summary>
internal abstract class Role : IAsyncDisposable
{
    /// <summary>Starts it; returns its address.</summary>
    public abstract Task<Uri> StartAsync();

    /// <summary>Makes sure that topics are there.</summary>
    public virtual Task PrepareAsync(string prefix, int count) => Task.CompletedTask;

    /// <summary>A token to come in with; empty where none is needed.</summary>
    public virtual Task<string> IssueTokenAsync() => Task.FromResult("");

    /// <summary>Where to publish.</summary>
    public abstract IFeedTarget NewTarget();

    /// <summary>Where to publish what must not be lost: each event is offered until the system says that it has it.</summary>
    public abstract IFeedTarget NewInsistentTarget();

    /// <summary>Waits until the server has done what follows from the events, so that it costs nobody else's round.</summary>
    public virtual Task SettleAsync() => Task.CompletedTask;

    /// <summary>How many pages of history were read from the log.</summary>
    public virtual long LogReads => 0;

    public abstract ValueTask DisposeAsync();

    /// <summary>The role of that name.</summary>
    /// <param name="name">As on the command line; what follows an @ is where NATS or Redis is.</param>
    /// <param name="folder">Where it may write.</param>
    public static Role Create(string name, string folder) => name switch
    {
        HubSystem.Ours => new OursRole(folder),
        _ when name.StartsWith($"{HubSystem.Ours}@", StringComparison.Ordinal) => new OursRole(folder, name[(HubSystem.Ours.Length + 1)..]),
        HubSystem.Bare => new BareRole(),
        _ when name.StartsWith($"{HubSystem.Bare}@", StringComparison.Ordinal) => new BareRole(redis: name[(HubSystem.Bare.Length + 1)..]),
        _ when name.StartsWith($"{BareRole.Tailing}@", StringComparison.Ordinal) => new BareRole(nats: name[(BareRole.Tailing.Length + 1)..]),
        _ => throw new ArgumentException($"There is no role '{name}'.", nameof(name)),
    };

    /// <summary>What each role is told in the same way: a free port of this machine, nothing on standard output, warnings on standard error.</summary>
    protected static string[] CommonSettings { get; } =
    [
        "--urls", "http://127.0.0.1:0", "--environment", "Development",
        "--Logging:LogLevel:Default", "Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning",
    ];
}
