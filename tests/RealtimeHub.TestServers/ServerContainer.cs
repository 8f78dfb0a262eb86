using System.Globalization;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Images;
using DotNet.Testcontainers.Networks;

namespace RealtimeHub.TestServers;

/// <summary>What a container is in for others of its kind.</summary>
/// <param name="Network">The network that they share.</param>
/// <param name="Name">What it is called there.</param>
public sealed record ContainerPlace(INetwork Network, string Name);

/// <summary>A server that is a container. Its port is published on the loopback interface alone, under the same number.</summary>
internal sealed class ServerContainer : RunningServer
{
    private readonly IContainer container;

    public ServerContainer(ServerProgram program, ServerPlace place, Func<ServerPlace, string[]> arguments, ContainerPlace? network, string? files)
        : base(program, place)
    {
        var builder = new ContainerBuilder(program.ChosenImage)
            .WithImagePullPolicy(PullPolicy.Missing)
            .WithCommand(arguments(place))
            .WithBindMount(place.Folder, place.Folder)
            .WithCreateParameterModifier(parameters =>
            {
                var port = $"{place.Port}/tcp";
                parameters.User = UserOfThisProcess() ?? parameters.User; // what it writes is removed by us
                parameters.StopSignal = "SIGKILL"; // to stop it is to kill it
                parameters.ExposedPorts = new Dictionary<string, EmptyStruct> { [port] = default };
                parameters.HostConfig!.PortBindings = new Dictionary<string, IList<PortBinding>>
                {
                    [port] = [new PortBinding { HostIP = "127.0.0.1", HostPort = place.Port.ToString(CultureInfo.InvariantCulture) }],
                };
            });
        builder = files is null ? builder : builder.WithBindMount(files, files, DotNet.Testcontainers.Configurations.AccessMode.ReadOnly);
        container = (network is null ? builder : builder.WithNetwork(network.Network).WithNetworkAliases(network.Name)).Build();
    }

    public override Task KillAsync() => container.StopAsync(CancellationToken.None);

    public override Task PauseAsync() => container.PauseAsync(CancellationToken.None);

    public override Task ContinueAsync() => container.UnpauseAsync(CancellationToken.None);

    private protected override Task BeginAsync() => container.StartAsync(CancellationToken.None);

    private protected override async Task ThrowIfEndedAsync()
    {
        if (container.State != TestcontainersStates.Running)
        {
            var (output, errors) = await container.GetLogsAsync(ct: CancellationToken.None);
            throw new InvalidOperationException($"The container of {container.Image.FullName} ended by itself:\n{output}{errors}");
        }
    }

    private protected override Task EndAsync() => container.DisposeAsync().AsTask();

    private static string? UserOfThisProcess()
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
        {
            return null;
        }

        var lines = File.ReadLines(Status).ToLookup(l => l.Split(':')[0], l => l.Split('\t'));
        return $"{lines["Uid"].First()[1]}:{lines["Gid"].First()[1]}";
    }
}
