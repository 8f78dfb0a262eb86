using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Keeps the entries of lists: one write a topic and batch, however many events it had.</summary>
internal sealed class ListProjection(ITopicFolds folds, IDocumentStore documents) : IProjection
{
    private const int WritesAtOnce = 128;

    private readonly Dictionary<TopicKey, DateTimeOffset> changed = [];

    public ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken)
    {
        if (e.Topic.Topic.Kind is TopicKind.Conversation or TopicKind.Agent)
        {
            changed[e.Topic] = e.Time;
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var some in changed.Chunk(WritesAtOnce))
        {
            // Side by side, so that they share a transaction.
            await Task.WhenAll(some.Select(c => PutAsync(c.Key, c.Value, cancellationToken)));
        }

        changed.Clear();
    }

    private async Task PutAsync(TopicKey topic, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var fold = await folds.GetAsync(topic, cancellationToken);
        var entry = new ListEntry(topic.Topic.ToString(), time, ItemOf(fold, time), [.. fold.State.Readers]);
        var value = JsonSerializer.SerializeToUtf8Bytes(entry, ProjectionJsonContext.Default.ListEntry);

        // Only a title from the backbone is so long: the entry stays as it was, and the others go on.
        if (value.Length <= DocumentArguments.MaxValueLength)
        {
            await documents.PutAsync(ListKeys.Key(topic.Tenant, topic.Topic), value, expectedRevision: null, cancellationToken);
        }
    }

    private static JsonElement ItemOf(TopicFold fold, DateTimeOffset updatedAt)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("topic"u8, fold.Key.Topic.ToString());
            fold.State.WriteScalars(writer);
            writer.WritePropertyName("updatedAt"u8);
            JsonSerializer.Serialize(writer, updatedAt, ContractsJson.WireType<DateTimeOffset>());
            writer.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.ToArray()).RootElement;
    }
}
