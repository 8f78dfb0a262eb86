using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.InMemory;

/// <summary>When an injected fault strikes.</summary>
public enum FaultPoint
{
    /// <summary>Nothing is stored.</summary>
    BeforeStoring,

    /// <summary>It is stored, and the answer is lost.</summary>
    AfterStoring,
}

/// <summary>Faults that a test injects into an in-memory port. Safe for many threads.</summary>
public sealed class Faults
{
    private readonly Lock gate = new();
    private readonly Queue<(FaultPoint Point, Exception? Exception)> next = new();

    /// <summary>While true, every call fails and nothing is stored; tails end with the same exception.</summary>
    public bool IsDown
    {
        get;
        set
        {
            field = value;
            Changed?.Invoke();
        }
    }

    /// <summary>How many of the injected faults have not struck yet.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
            {
                return next.Count;
            }
        }
    }

    /// <summary>Called when <see cref="IsDown"/> was set.</summary>
    internal Action? Changed { get; set; }

    /// <summary>Makes the next writes fail, with <see cref="LogUnavailableException"/> unless another exception is given.</summary>
    public void FailNextWrites(int count, FaultPoint point, Exception? with = null)
    {
        lock (gate)
        {
            for (var i = 0; i < count; i++)
            {
                next.Enqueue((point, with));
            }
        }
    }

    /// <summary>Fails while the port is down.</summary>
    internal void ThrowIfDown()
    {
        if (IsDown)
        {
            throw new LogUnavailableException("The test has taken it down.");
        }
    }

    /// <summary>Does a write, or has it struck.</summary>
    internal T Write<T>(Func<T> write)
    {
        ThrowIfDown();
        (FaultPoint Point, Exception? Exception)? fault;
        lock (gate)
        {
            fault = next.TryDequeue(out var one) ? one : null;
        }

        var result = fault?.Point == FaultPoint.BeforeStoring ? default : write();
        return fault is not { } struck ? result! : throw struck.Exception ?? new LogUnavailableException($"The test has injected a fault: {struck.Point}.");
    }
}
