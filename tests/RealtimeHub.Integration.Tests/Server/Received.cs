using System.Text.Json.Nodes;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Server;

/// <summary>A message of the server: <c>Events</c>, <c>Snapshot</c>, <c>SubscriptionChanged</c> or <c>Closing</c>.</summary>
public sealed record Push(string Method, JsonObject Message)
{
    public string? Topic => (string?)Message["topic"];
}

/// <summary>What a connection received, in order; whoever waits for something waits here.</summary>
public sealed class Received
{
    private readonly Lock gate = new();
    private readonly List<Push> pushes = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Push> All
    {
        get
        {
            lock (gate)
            {
                return [.. pushes];
            }
        }
    }

    /// <summary>The events of a topic, in the order of their arrival.</summary>
    public IReadOnlyList<JsonObject> EventsOf(string topic) =>
        [.. All.Where(p => p.Method == "Events" && p.Topic == topic).SelectMany(p => p.Message["events"]!.AsArray()).Select(e => e!.AsObject())];

    public void Add(Push push)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            pushes.Add(push);
            signal = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        signal.SetResult();
    }

    /// <summary>Waits until <paramref name="find"/> finds something in what was received.</summary>
    public async Task<T> UntilAsync<T>(Func<Received, T?> find)
        where T : class
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                next = changed.Task;
            }

            if (find(this) is { } found)
            {
                return found;
            }

            await Deadline.Within(next);
        }
    }

    /// <summary>Waits for a message.</summary>
    public Task<Push> PushAsync(Func<Push, bool> isIt) => UntilAsync(r => r.All.FirstOrDefault(isIt));

    /// <summary>Waits for an event of a topic.</summary>
    public Task<JsonObject> EventAsync(string topic, Func<JsonObject, bool> isIt) => UntilAsync(r => r.EventsOf(topic).FirstOrDefault(isIt));

    /// <summary>Waits for the first event of that type.</summary>
    public Task<JsonObject> EventAsync(string topic, string type) => EventAsync(topic, e => (string?)e["type"] == type);
}
