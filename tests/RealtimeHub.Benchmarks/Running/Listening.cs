using System.Net;
using System.Net.Sockets;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>Ports of the loopback interface.</summary>
internal static class Listening
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until a program listens.</summary>
    public static Task StartedAsync(string program, params IPEndPoint[] addresses) =>
        Poll.UntilAsync(() => Array.TrueForAll(addresses, Listens), StartTimeout, $"{program} did not listen");

    private static bool Listens(EndPoint address)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
