using System.Text;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification;

/// <summary>Events for tests that do not care what is in them.</summary>
public static class TestEvents
{
    /// <summary>When all of them happened.</summary>
    public static DateTimeOffset Time { get; } = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    /// <summary>A topic of the tenant <c>acme</c>.</summary>
    public static TopicKey Topic(string id = "c1") => new("acme", Contracts.Topic.Conversation(id));

    /// <summary>An event of the state lane.</summary>
    public static NewEvent State(string id, string text = "", EventMeta? meta = null) => Make("custom.test", Lane.State, id, text, meta);

    /// <summary>An event of the stream lane.</summary>
    public static NewEvent Delta(string id, string text = "", EventMeta? meta = null) =>
        Make(EventTypes.MessageDelta, Lane.Stream, id, text, meta);

    /// <summary>A state event with exactly this JSON as its data.</summary>
    public static NewEvent Raw(string id, ReadOnlySpan<byte> data) =>
        new(id, Lane.State, EventBody.Write(id, "custom.test", Time, Subject.User("ada"), data));

    private static NewEvent Make(string type, Lane lane, string id, string text, EventMeta? meta)
    {
        var data = Encoding.UTF8.GetBytes($$"""{"text":{{JsonSerializer.Serialize(text)}}}""");
        return new NewEvent(id, lane, EventBody.Write(id, type, Time, Subject.User("ada"), data), meta);
    }
}
