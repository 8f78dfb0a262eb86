using System.Net;
using System.Net.Sockets;
using RealtimeHub.Specification;

namespace RealtimeHub.TestServers;

/// <summary>A server of a test's own, with a folder of its own: to be killed, paused and started again, on the same port.</summary>
public abstract class RunningServer : IAsyncDisposable
{
    private readonly ServerProgram program;

    private protected RunningServer(ServerProgram program, ServerPlace place) => (this.program, Place) = (program, place);

    /// <summary>Where it runs.</summary>
    public ServerPlace Place { get; }

    /// <summary>A server where this run has its servers from; not started yet.</summary>
    /// <param name="program">Which.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="network">What containers of one cluster share.</param>
    /// <param name="files">A folder besides its own that the arguments name files of.</param>
    public static RunningServer Create(
        ServerProgram program, Func<ServerPlace, string[]> arguments, ContainerPlace? network = null, string? files = null)
    {
        var folder = Directory.CreateTempSubdirectory($"realtimehub-{program.Name}-").FullName;
        return ServerSources.Of(program) == ServerSource.Docker
            ? new ServerContainer(program, new ServerPlace("0.0.0.0", LoopbackPort.Free(), folder), arguments, network, files)
            : new ServerProcess(program, new ServerPlace("127.0.0.1", LoopbackPort.Free(), folder), arguments);
    }

    /// <summary>Starts it, maybe again on what it had stored, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        await BeginAsync();
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (!await AnswersAsync(deadline.Token))
        {
            await ThrowIfEndedAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public abstract Task KillAsync();

    /// <summary>Has it stand still, its connections open.</summary>
    public abstract Task PauseAsync();

    /// <summary>Has it go on.</summary>
    public abstract Task ContinueAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Directory.Delete(Place.Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected abstract Task BeginAsync();

    private protected abstract Task ThrowIfEndedAsync();

    private protected abstract Task EndAsync();

    // Where a container's port is forwarded, somebody listens before the server does.
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Place.Port, cancellationToken);
            return await program.IsReadyAsync(client.GetStream(), cancellationToken);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
