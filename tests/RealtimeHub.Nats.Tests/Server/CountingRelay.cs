using System.Net;
using System.Net.Sockets;

namespace RealtimeHub.Nats.Tests.Server;

/// <summary>Stands between one client and a server, and counts what the server sends.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Uri target;
    private readonly CancellationTokenSource ended = new();
    private readonly Task relaying;
    private long received;

    public CountingRelay(string url)
    {
        target = new Uri(url);
        listener.Start();
        relaying = Task.Run(RelayAsync, ended.Token);
    }

    /// <summary>Where the client connects to.</summary>
    public string Url => $"nats://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>Bytes that the server has sent.</summary>
    public long Received => Interlocked.Read(ref received);

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        listener.Dispose();
        await relaying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ended.Dispose();
    }

    private async Task RelayAsync()
    {
        using var client = await listener.AcceptTcpClientAsync(ended.Token);
        using var server = new TcpClient();
        await server.ConnectAsync(target.Host, target.Port, ended.Token);
        await Task.WhenAny(
            client.GetStream().CopyToAsync(server.GetStream(), ended.Token),
            CountAsync(server.GetStream(), client.GetStream()));
    }

    private async Task CountAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, ended.Token) is > 0 and var count)
        {
            Interlocked.Add(ref received, count);
            await to.WriteAsync(buffer.AsMemory(0, count), ended.Token);
        }
    }
}
