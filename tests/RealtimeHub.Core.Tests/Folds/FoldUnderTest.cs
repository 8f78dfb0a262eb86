using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Conversations;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;

namespace RealtimeHub.Core.Tests.Folds;

/// <summary>A topic that a test folds event by event, without a log.</summary>
internal sealed class FoldUnderTest(Topic topic)
{
    private readonly List<StoredEvent> events = [];
    private long sequence;

    public FoldUnderTest()
        : this(Topic.Conversation("c1"))
    {
    }

    public TopicFold Fold { get; private set; } = TopicStates.Empty(new TopicKey("acme", topic));

    /// <summary>When the next event happens.</summary>
    public DateTimeOffset Time { get; set; } = TestEvents.Time;

    /// <summary>Everything that was applied.</summary>
    public IReadOnlyList<StoredEvent> Events => events;

    public ConversationState Conversation => Fold.StateAs<ConversationState>();

    public RunSet Runs => ((IHasRuns)Fold.State).Runs;

    public IEnumerable<string> MessageTexts => Conversation.Messages.All.Select(m => m.Text);

    /// <summary>Applies the next event; true when clients are to see it.</summary>
    public bool Apply<T>(
        string type, T data, string? runId = null, Subject? actor = null, EventMeta? meta = null, EventOrigin? origin = null, string? id = null) =>
        ApplyRaw(type, JsonSerializer.Serialize(data, ContractsJson.WireType<T>()), runId, actor, meta, origin, id);

    /// <summary>Applies an event with exactly this data.</summary>
    public bool ApplyRaw(
        string type, string data, string? runId = null, Subject? actor = null, EventMeta? meta = null, EventOrigin? origin = null, string? id = null)
    {
        var name = id ?? $"e{sequence + 1}";
        var body = EventBody.Write(
            name, type, Time, actor ?? Subject.User("ada"), Encoding.UTF8.GetBytes(data), runId, traceparent: null, origin);
        return Apply(StoredEvent.TryRead(Fold.Key, EventTypes.LaneOf(type)!.Value, ++sequence, body, meta)!);
    }

    public bool Apply(StoredEvent e)
    {
        events.Add(e);
        (Fold, var effective) = Fold.Apply(e);
        return effective;
    }

    /// <summary>A run of the agent <c>writer</c>, started.</summary>
    public FoldUnderTest WithRun(string runId = "r1")
    {
        Apply(EventTypes.RunRequested, new RunRequested(runId, "writer", Json.Of("""{"q":1}"""), Time.AddHours(1)), runId);
        Apply(EventTypes.RunStarted, new RunStarted(runId, "writer"), runId, Subject.Agent("writer"));
        return this;
    }

    /// <summary>The snapshot, parsed.</summary>
    public JsonObject Snapshot() => JsonNode.Parse(Fold.WriteSnapshot(epoch: 1).Span)!.AsObject();
}

/// <summary>JSON in tests.</summary>
internal static class Json
{
    public static JsonElement Of(string text) => JsonDocument.Parse(text).RootElement;

    public static JsonElement Of<T>(T value) => JsonSerializer.SerializeToElement(value, ContractsJson.WireType<T>());
}
