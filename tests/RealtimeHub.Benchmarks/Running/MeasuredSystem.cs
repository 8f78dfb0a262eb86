using RealtimeHub.Benchmarks.Clients;
using RealtimeHub.Benchmarks.Feeding;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>A server that is measured, as a scenario sees it.</summary>
internal abstract class MeasuredSystem(string name) : IAsyncDisposable
{
    /// <summary>Its column in the tables.</summary>
    public string Name { get; } = name;

    /// <summary>Its processes: one, or one for each node.</summary>
    public abstract IReadOnlyList<int> ProcessIds { get; }

    /// <summary>What its processes have used so far.</summary>
    public ProcessUsage Usage => ProcessUsage.Of(ProcessIds);

    /// <summary>What the server behind its nodes has used so far; nothing where there is none.</summary>
    public virtual ProcessUsage BackboneUsage => default;

    /// <summary>Whether a client can go on where it was.</summary>
    public virtual bool HasCursors => false;

    /// <summary>Makes sure that the topics are there, and that clients may come in.</summary>
    public abstract Task PrepareAsync(string prefix, int topics);

    /// <summary>How a client comes to be subscribed to these topics.</summary>
    /// <param name="topics">Their names.</param>
    /// <param name="cursor">Where to go on, for a system that knows how.</param>
    /// <param name="client">Which client; they take the nodes in turn.</param>
    public abstract ClientPlan Plan(IEnumerable<string> topics, string? cursor = null, int client = 0);

    /// <summary>The same for many clients.</summary>
    /// <param name="topics">Their topics' names.</param>
    /// <param name="count">How many clients.</param>
    /// <param name="cursor">Where to go on.</param>
    /// <param name="turn">By how many nodes each is moved on.</param>
    public IEnumerable<ClientPlan> Plans(string[] topics, int count, string? cursor = null, int turn = 0) =>
        Enumerable.Range(turn, count).Select(client => Plan(topics, cursor, client));

    /// <summary>Publishes by the order.</summary>
    /// <param name="order">What.</param>
    /// <param name="slowest">How many of the events the slowest client has.</param>
    public abstract Task<FeedResult> FeedAsync(FeedOrder order, Func<long>? slowest = null);

    /// <summary>Bytes of its managed heap after a collection that gives back what is free; null for what has none or cannot be asked.</summary>
    public virtual Task<long?> CollectAsync() => Task.FromResult<long?>(null);

    /// <summary>Pages of history that were read from the log.</summary>
    public virtual Task<long> LogReadsAsync() => Task.FromResult(0L);

    /// <summary>Ends its process at once.</summary>
    public abstract void Kill();

    public abstract ValueTask DisposeAsync();

    public override string ToString() => Name;

    /// <summary>Feeds from this process.</summary>
    protected static async Task<FeedResult> FeedHereAsync(FeedOrder order, IFeedTarget target, Func<long>? slowest)
    {
        var progress = new Progress();
        return await ReportWhileAsync(Feed(), slowest, progress.Report);

        async Task<FeedResult> Feed()
        {
            await Task.Yield(); // the reports run beside it
            return await Feeder.RunAsync(order, target, progress);
        }
    }

    /// <summary>Tells a feeder again and again how far the slowest client is, until it is done.</summary>
    protected static async Task<T> ReportWhileAsync<T>(Task<T> feed, Func<long>? slowest, Action<long> report)
    {
        while (slowest is not null && !feed.IsCompleted)
        {
            report(slowest());
            await Task.WhenAny(feed, Poll.Pause(TimeSpan.FromMilliseconds(1)));
        }

        return await feed;
    }
}
