using System.Collections.Concurrent;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>Where a case runs, the node's loops and the clients' calls alike: it knows what is still to be done, so nobody waits by the clock.</summary>
internal abstract class Turns : SynchronizationContext
{
    /// <summary>Stands for as many turns as there are.</summary>
    public const int All = int.MaxValue;

    /// <summary>Lets a part of what is to be done happen.</summary>
    public abstract void Take(int turns, int seed);

    /// <summary>Lets everything happen that is to be done; afterwards nothing goes on by itself.</summary>
    public abstract void Rest();

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;
}

/// <summary>One thing at a time; which is next is the seed's to say, so that a case runs the same way each time.</summary>
/// <remarks>Seed 0 is first come, first served. Of the others, one in three prefers what came last: it lets somebody wait for long.</remarks>
internal sealed class SeededTurns : Turns
{
    private const int Enough = 200_000;

    private readonly List<(SendOrPostCallback Callback, object? State)> ready = [];

    public override void Post(SendOrPostCallback d, object? state) => ready.Add((d, state));

    public override void Take(int turns, int seed)
    {
        var random = seed == 0 ? null : new Random(seed);
        for (var taken = 0; taken < turns && ready.Count > 0; taken++)
        {
            if (taken > Enough)
            {
                throw new PromiseException("it never comes to rest");
            }

            var index = random is null ? 0 : seed % 3 == 0 && random.Next(5) > 0 ? ready.Count - 1 : random.Next(ready.Count);
            var (callback, state) = ready[index];
            ready.RemoveAt(index);
            callback(state);
        }
    }

    public override void Rest() => Take(All, seed: 0);
}

/// <summary>Whatever the thread pool makes of it.</summary>
internal sealed class ThreadTurns : Turns
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private readonly object gate = new();
    private readonly ConcurrentQueue<Exception> failures = [];
    private int underWay;

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (gate)
        {
            underWay++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(Run, (d, state), preferLocal: false);
    }

    public override void Take(int turns, int seed)
    {
        if (turns == All)
        {
            Rest();
        }
        else
        {
            Thread.SpinWait(turns * 20);
        }
    }

    public override void Rest()
    {
        lock (gate)
        {
            while (underWay > 0)
            {
                if (!Monitor.Wait(gate, Long))
                {
                    throw new PromiseException("it does not come to rest");
                }
            }
        }

        if (failures.TryDequeue(out var failure))
        {
            throw new PromiseException(failure.ToString());
        }
    }

    private void Run((SendOrPostCallback Callback, object? State) item)
    {
        SetSynchronizationContext(this);
        try
        {
            item.Callback(item.State);
        }
        catch (Exception e)
        {
            failures.Enqueue(e);
        }
        finally
        {
            SetSynchronizationContext(null);
            lock (gate)
            {
                if (--underWay == 0)
                {
                    Monitor.PulseAll(gate);
                }
            }
        }
    }
}

/// <summary>The engine has not kept what the protocol promises.</summary>
internal sealed class PromiseException(string broken) : Exception(broken);
