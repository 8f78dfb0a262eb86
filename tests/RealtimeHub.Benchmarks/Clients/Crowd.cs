namespace RealtimeHub.Benchmarks.Clients;

/// <summary>Clients of one server that came together.</summary>
internal sealed class Crowd : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(60);

    private readonly ClientLoop loop;
    private readonly List<Client> clients = [];
    private readonly List<long> marks = [];

    private Crowd(ClientLoop loop) => this.loop = loop;

    public IReadOnlyList<Client> Clients => clients;

    /// <summary>How many the server has ended.</summary>
    public int Closed => clients.Count(c => c.IsClosed);

    /// <summary>Connects a client for each plan and waits until all are subscribed.</summary>
    /// <param name="loop">Who reads them.</param>
    /// <param name="plans">Where and how.</param>
    /// <param name="atOnce">How many may be on their way.</param>
    /// <param name="receiveBuffer">What the kernel keeps for each; as much as it likes when not given.</param>
    public static async Task<Crowd> ConnectAsync(ClientLoop loop, IEnumerable<ClientPlan> plans, int atOnce = 200, int? receiveBuffer = null)
    {
        var crowd = new Crowd(loop);
        foreach (var chunk in plans.Chunk(atOnce))
        {
            foreach (var plan in chunk)
            {
                var client = new Client(plan, receiveBuffer);
                crowd.clients.Add(client);
                crowd.marks.Add(0);
                loop.Add(client);
            }

            await Poll.UntilAsync(() => crowd.clients.All(c => c.IsReady || c.IsClosed), ConnectTimeout, "not every client was subscribed");
            if (crowd.clients.Find(c => c.IsClosed) is { } refused)
            {
                throw new InvalidOperationException($"The server refused a client: {refused.Answer}");
            }
        }

        return crowd;
    }

    /// <summary>Counts from here on.</summary>
    public void Mark()
    {
        for (var i = 0; i < clients.Count; i++)
        {
            marks[i] = clients[i].Count;
        }
    }

    /// <summary>Events that client received since <see cref="Mark"/>.</summary>
    public long CountOf(int index) => clients[index].Count - marks[index];

    /// <summary>What the slowest has received since <see cref="Mark"/>.</summary>
    public long Slowest()
    {
        var slowest = long.MaxValue;
        for (var i = 0; i < clients.Count; i++)
        {
            slowest = Math.Min(slowest, CountOf(i));
        }

        return slowest;
    }

    /// <summary>What all have received since <see cref="Mark"/>.</summary>
    public long Total()
    {
        var total = 0L;
        for (var i = 0; i < clients.Count; i++)
        {
            total += CountOf(i);
        }

        return total;
    }

    /// <summary>Notes the latencies of all of them from now on.</summary>
    public void Record(LatencyRecorder? recorder) => clients.ForEach(c => c.Recorder = recorder);

    public void Dispose() => clients.ForEach(loop.Remove);
}
