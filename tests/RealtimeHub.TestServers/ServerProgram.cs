using System.Net.Sockets;

namespace RealtimeHub.TestServers;

/// <summary>A server program that tests need.</summary>
/// <param name="Name">The program on the PATH, unless the environment names another one; it is also the name of Debian's package.</param>
/// <param name="Product">What people call it.</param>
/// <param name="Image">Its container image, unless the environment names another one.</param>
/// <param name="AddressVariable">The environment variable that names a server that is there already.</param>
/// <param name="IsReadyAsync">Whether the server at the other end of a connection answers.</param>
public sealed record ServerProgram(
    string Name, string Product, string Image, string AddressVariable, Func<NetworkStream, CancellationToken, Task<bool>> IsReadyAsync)
{
    /// <summary>nats-server; 2.9 is the oldest that is supported.</summary>
    public static ServerProgram Nats { get; } = new("nats-server", "NATS", "nats:2.9", "REALTIMEHUB_TEST_NATS", SaysInfoAsync);

    /// <summary>nats-server for streams with replicas, for which 2.10.19 is the oldest; never a server that is there already.</summary>
    public static ServerProgram NatsForReplicas { get; } = Nats with { Image = "nats:2.10", AddressVariable = "REALTIMEHUB_TEST_NATS_REPLICAS" };

    /// <summary>redis-server.</summary>
    public static ServerProgram Redis { get; } = new("redis-server", "Redis", "redis:7.0", "REALTIMEHUB_TEST_REDIS", AnswersPingAsync);

    /// <summary>The address that the environment names; null when it names none.</summary>
    public string? NamedAddress => Environment.GetEnvironmentVariable(AddressVariable) is { Length: > 0 } address ? address : null;

    /// <summary>The program to start: on the PATH, or where the environment says.</summary>
    public string ChosenProgram => Environment.GetEnvironmentVariable($"{AddressVariable}_PROGRAM") is { Length: > 0 } program ? program : Name;

    /// <summary>The image to take.</summary>
    public string ChosenImage => Environment.GetEnvironmentVariable($"{AddressVariable}_IMAGE") is { Length: > 0 } image ? image : Image;

    private static async Task<bool> SaysInfoAsync(NetworkStream stream, CancellationToken cancellationToken) =>
        await StartsWithAsync(stream, "INFO"u8.ToArray(), cancellationToken);

    private static async Task<bool> AnswersPingAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync("PING\r\n"u8.ToArray(), cancellationToken);
        return await StartsWithAsync(stream, "+PONG"u8.ToArray(), cancellationToken);
    }

    private static async Task<bool> StartsWithAsync(NetworkStream stream, byte[] sign, CancellationToken cancellationToken)
    {
        var start = new byte[sign.Length];
        return await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken) == start.Length && start.SequenceEqual(sign);
    }
}
