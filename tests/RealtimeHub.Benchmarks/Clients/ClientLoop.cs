namespace RealtimeHub.Benchmarks.Clients;

/// <summary>One thread that reads all clients, the same way for every system.</summary>
internal sealed class ClientLoop : IDisposable
{
    private const int LongestWait = 100;

    private static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromSeconds(10); // servers of SignalR wait for 30 s

    private readonly Epoll epoll = new();
    private readonly Lock gate = new();
    private readonly List<Client?> clients = [];
    private readonly Stack<int> free = new();
    private readonly byte[] buffer = GC.AllocateArray<byte>(256 * 1024, pinned: true);
    private readonly Thread thread;
    private bool isStopped;
    private long lastArrival;

    public ClientLoop()
    {
        thread = new Thread(Run) { IsBackground = true, Name = "clients" };
        thread.Start();
    }

    /// <summary>When the last bytes were read.</summary>
    public long LastArrival => Volatile.Read(ref lastArrival);

    /// <summary>Reads the client from now on.</summary>
    public void Add(Client client)
    {
        lock (gate)
        {
            if (!free.TryPop(out var number))
            {
                number = clients.Count;
                clients.Add(null);
            }

            clients[number] = client;
            client.Number = number;
            epoll.Add(client.Handle, number);
        }
    }

    /// <summary>Reads the client no more; its connection stays open.</summary>
    public void Pause(Client client)
    {
        lock (gate)
        {
            if (!client.IsClosed)
            {
                epoll.Remove(client.Handle);
            }
        }
    }

    /// <summary>Lets go of the client.</summary>
    public void Remove(Client client)
    {
        lock (gate)
        {
            clients[client.Number] = null;
            free.Push(client.Number);
            client.Dispose(); // which takes it out of the epoll, too
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref isStopped, true);
        thread.Join();
        epoll.Dispose();
    }

    private void Run()
    {
        var keptAlive = TimeProvider.System.GetTimestamp();
        while (!Volatile.Read(ref isStopped))
        {
            var ready = epoll.Wait(LongestWait);
            var now = TimeProvider.System.GetTimestamp();
            lock (gate)
            {
                for (var i = 0; i < ready; i++)
                {
                    Read(clients[epoll.NumberAt(i)], now);
                }

                if (TimeProvider.System.GetElapsedTime(keptAlive) > KeepAlivePeriod)
                {
                    clients.ForEach(c => c?.KeepAlive());
                    keptAlive = now;
                }
            }

            if (ready > 0)
            {
                Volatile.Write(ref lastArrival, TimeProvider.System.GetTimestamp());
            }
        }
    }

    private void Read(Client? client, long now)
    {
        if (client is not null && !client.IsClosed && !client.Read(buffer, now))
        {
            epoll.Remove(client.Handle);
        }
    }
}
