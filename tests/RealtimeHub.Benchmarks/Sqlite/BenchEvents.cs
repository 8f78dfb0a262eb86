using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Benchmarks.Sqlite;

/// <summary>Events of a conversation as they come: messages of 200 characters and deltas of 20.</summary>
internal static class BenchEvents
{
    private static readonly string Text = new('x', 200);

    private static long next;

    public static TopicKey Topic(string id) => new("bench", Contracts.Topic.Conversation(id));

    public static NewEvent Message()
    {
        var id = Id();
        return Make(id, EventTypes.MessageCreated, Lane.State, new MessageCreated(id, MessageRole.User, Text));
    }

    public static NewEvent Delta() => Make(Id(), EventTypes.MessageDelta, Lane.Stream, new MessageDelta("m", Text[..20]));

    // As long as the ids of the product.
    private static string Id() => $"0190a1b2-c3d4-7000-8000-{Interlocked.Increment(ref next):x12}";

    private static NewEvent Make<T>(string id, string type, Lane lane, T data) => new(
        id, lane,
        EventBody.Write(
            id, type, TimeProvider.System.GetUtcNow(), Subject.Agent("writer"), JsonSerializer.SerializeToUtf8Bytes(data, ContractsJson.WireType<T>()), "run"));
}
