using System.Collections.Concurrent;
using System.Net.NetworkInformation;

namespace RealtimeHub.Specification;

/// <summary>Ports for servers under test.</summary>
public static class LoopbackPort
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port that nobody listens on, below those that the system gives to clients: while its server is down, nobody else gets it.</summary>
    /// <remarks>None is given twice: whom it was given to may not listen on it yet.</remarks>
    public static int Free()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        while (true)
        {
            var port = Random.Shared.Next(10_000, 30_000);
            if (!taken.Contains(port) && Given.TryAdd(port, true))
            {
                return port;
            }
        }
    }
}
