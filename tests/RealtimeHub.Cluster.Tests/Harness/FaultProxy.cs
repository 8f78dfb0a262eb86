using System.Net;
using System.Net.Sockets;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>How a way can be broken.</summary>
public enum Fault
{
    /// <summary>Connections end, and new ones are refused.</summary>
    Cut,

    /// <summary>Connections stay open, and nothing passes.</summary>
    Stall,

    /// <summary>What is sent arrives, and no answer comes back.</summary>
    HalfOpen,
}

/// <summary>What stands between a client and a server, on the loopback interface: it can cut, stall, delay, or pass one way only.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly int target;
    private readonly CancellationTokenSource ended = new();
    private readonly Task accepting;
    private readonly Lock gate = new();
    private readonly List<(Socket Client, Socket Server)> pairs = [];
    private volatile Flow flow = Flow.Free;

    public FaultProxy(int target)
    {
        this.target = target;
        listener.Start();
        accepting = Task.Run(AcceptAsync, ended.Token);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Everything passes.</summary>
    public void Heal() => Set(Flow.Free);

    /// <summary>Breaks the way until it is healed.</summary>
    public void Break(Fault fault)
    {
        switch (fault)
        {
            case Fault.Cut:
                Cut();
                break;
            case Fault.Stall:
                Set(new Flow(ToServer: false, ToClient: false));
                break;
            default:
                Set(new Flow(ToServer: true, ToClient: false));
                break;
        }
    }

    /// <summary>Everything passes, so much later each way.</summary>
    public void Delay(TimeSpan by) => Set(Flow.Free with { By = by });

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        Cut();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ended.Dispose();
    }

    private void Cut()
    {
        Set(Flow.Free with { IsCut = true });
        lock (gate)
        {
            foreach (var (client, server) in pairs)
            {
                client.Dispose();
                server.Dispose();
            }

            pairs.Clear();
        }
    }

    private void Set(Flow to)
    {
        var before = Interlocked.Exchange(ref flow!, to);
        before.Changed.TrySetResult();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await listener.AcceptSocketAsync(ended.Token);
            if (flow.IsCut)
            {
                client.Dispose();
                continue;
            }

            var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target, ended.Token);
            }
            catch (SocketException)
            {
                client.Dispose();
                server.Dispose();
                continue;
            }

            lock (gate)
            {
                pairs.Add((client, server));
            }

            _ = PassAsync(client, server, f => f.ToServer);
            _ = PassAsync(server, client, f => f.ToClient);
        }
    }

    private async Task PassAsync(Socket from, Socket to, Func<Flow, bool> passes)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, ended.Token) is > 0 and var length)
            {
                var current = flow;
                while (!passes(current))
                {
                    await current.Changed.Task.WaitAsync(ended.Token);
                    current = flow;
                }

                if (current.By > TimeSpan.Zero)
                {
                    await Task.Delay(current.By, TimeProvider.System, ended.Token);
                }

                await to.SendAsync(buffer.AsMemory(0, length), ended.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut, here or at either end.
        }

        from.Dispose();
        to.Dispose();
    }

    private sealed record Flow(bool ToServer, bool ToClient)
    {
        public static Flow Free => new(ToServer: true, ToClient: true);

        public bool IsCut { get; init; }

        public TimeSpan By { get; init; }

        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
