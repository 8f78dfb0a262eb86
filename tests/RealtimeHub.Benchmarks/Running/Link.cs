using System.Net;
using System.Net.Sockets;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>A way to a server that can be cut: it forwards what comes, until it is told to let nothing through for a while.</summary>
internal sealed class Link : IAsyncDisposable
{
    private readonly IPEndPoint target;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> open = [];
    private readonly Lock gate = new();
    private readonly Task accepting;
    private bool isCut;

    public Link(IPEndPoint target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where to connect to.</summary>
    public IPEndPoint Address => (IPEndPoint)listener.LocalEndpoint;

    /// <summary>Ends every connection, and lets none through for a while.</summary>
    public async Task CutAsync(TimeSpan time)
    {
        lock (gate)
        {
            isCut = true;
            CloseAll();
        }

        await Poll.Pause(time);
        lock (gate)
        {
            isCut = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await accepting;
        lock (gate)
        {
            CloseAll();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                _ = Task.Run(() => ForwardAsync(client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Nobody listens any more.
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                lock (gate)
                {
                    if (isCut)
                    {
                        return;
                    }

                    open.AddRange([client, server]);
                }

                await server.ConnectAsync(target);
                await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The server is not there, or the link was cut.
            }
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer) is var length and > 0)
        {
            await to.SendAsync(buffer.AsMemory(0, length));
        }
    }

    private void CloseAll()
    {
        open.ForEach(s => s.Dispose());
        open.Clear();
    }
}
