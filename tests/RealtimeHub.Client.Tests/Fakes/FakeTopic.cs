using System.Globalization;
using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests.Fakes;

/// <summary>One topic of the fake server: a log, and who watches it.</summary>
internal sealed class FakeTopic(string name)
{
    private readonly Lock gate = new();
    private readonly List<Event> events = [];
    private readonly HashSet<string> watchers = [];

    public string Epoch { get; set; } = "e1";

    public JsonElement State { get; set; } = JsonSerializer.SerializeToElement(new { title = "a title" });

    public long Head
    {
        get
        {
            lock (gate)
            {
                return events.Count == 0 ? 0 : events[^1].Seq;
            }
        }
    }

    public string CursorAt(long seq) => $"{Epoch}:{seq}";

    public (Event Event, string[] Watchers) Append(PublishedEvent e, Subject actor, EventOrigin? origin = null)
    {
        lock (gate)
        {
            var stored = new Event
            {
                // Not contiguous, as on the wire.
                Seq = events.Count == 0 ? 10 : events[^1].Seq + 3,
                Id = e.Id ?? $"id-{events.Count}",
                Type = e.Type,
                Time = TimeProvider.System.GetUtcNow(),
                Actor = actor,
                RunId = e.RunId,
                Origin = origin,
                Data = e.Data,
            };
            events.Add(stored);
            return (stored, [.. watchers]);
        }
    }

    public Event? Stored(string id)
    {
        lock (gate)
        {
            return events.Find(e => e.Id == id);
        }
    }

    public IReadOnlyList<Event> All()
    {
        lock (gate)
        {
            return [.. events];
        }
    }

    /// <summary>What a subscription begins with.</summary>
    public (SubscriptionOutcome Outcome, SnapshotMessage? Snapshot, EventsMessage? Events) Subscribe(
        string connection, SubscriptionRequest request)
    {
        lock (gate)
        {
            watchers.Add(connection);
            var (status, after) = request.From switch
            {
                SubscribeFrom.Earliest => (SubscribeStatus.Ok, 0),
                SubscribeFrom.Cursor when request.Cursor!.StartsWith($"{Epoch}:", StringComparison.Ordinal) =>
                    (SubscribeStatus.Resumed, long.Parse(request.Cursor[(Epoch.Length + 1)..], CultureInfo.InvariantCulture)),
                SubscribeFrom.Cursor => (SubscribeStatus.Reset, Head),
                _ => (SubscribeStatus.Ok, Head),
            };
            var snapshot = request.From == SubscribeFrom.Snapshot || status == SubscribeStatus.Reset
                ? new SnapshotMessage(name, StateWithSeq(), CursorAt(Head), request.Ref)
                : null;
            var missed = events.FindAll(e => e.Seq > after);
            var outcome = new SubscriptionOutcome(name, status, request.Ref, CursorAt(after));
            return (outcome, snapshot, missed.Count == 0 ? null : new EventsMessage(name, CursorAt(Head), missed));
        }
    }

    public void Leave(string connection)
    {
        lock (gate)
        {
            watchers.Remove(connection);
        }
    }

    private JsonElement StateWithSeq()
    {
        var state = JsonSerializer.SerializeToNode(State)!.AsObject();
        state["seq"] = Head;
        return JsonSerializer.SerializeToElement(state);
    }
}
