using System.Collections.Immutable;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Projection;

/// <summary>Keeps the entries of lists: one write a topic, run and batch, however many events it had.</summary>
internal sealed class ListProjection(ITopicFolds folds, IDocumentStore documents) : IProjection
{
    private const int WritesAtOnce = 128;

    private readonly ListEntryStore entries = new(documents);

    private readonly Dictionary<TopicKey, Change> changed = [];

    private readonly Dictionary<(TopicKey Topic, string RunId), RunChange> changedRuns = [];

    private ulong epoch;

    public void Begin(ulong epoch)
    {
        this.epoch = epoch;
        changed.Clear();
        changedRuns.Clear();
    }

    public ValueTask StartOverAsync(CancellationToken cancellationToken) => documents.DeleteAllAsync(ListKeys.All, cancellationToken);

    public ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken)
    {
        if (e.Topic.Topic.Kind is TopicKind.Conversation or TopicKind.Agent)
        {
            changed[e.Topic] = new Change(e.Sequence, e.Time);
            if (e.RunId is { } runId)
            {
                var before = changedRuns.GetValueOrDefault((e.Topic, runId))?.Events ?? [];
                var isItsOwn = e.Type.StartsWith("run.", StringComparison.Ordinal);
                changedRuns[(e.Topic, runId)] = new RunChange(e.Sequence, e.Time, isItsOwn ? before.Add(e) : before);
            }
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

        foreach (var some in changedRuns.Chunk(WritesAtOnce))
        {
            await Task.WhenAll(some.Select(c => PutRunAsync(c.Key.Topic, c.Key.RunId, c.Value, cancellationToken)));
        }

        Begin(epoch);
    }

    private async Task PutAsync(TopicKey topic, Change change, CancellationToken cancellationToken)
    {
        var (sequence, time) = change;
        var fold = await folds.GetWithAsync(topic, epoch, sequence, cancellationToken);
        if (!fold.Exists)
        {
            return; // it was removed meanwhile, and its entry with it
        }

        var entry = new ListEntry(topic.Topic.ToString(), time, ItemOf(fold, time), [.. fold.State.Readers], sequence);
        await entries.PutAsync(ListKeys.Key(topic.Tenant, topic.Topic), entry, cancellationToken);
    }

    // Ids on the backbone are anything; keys are not.
    private async Task PutRunAsync(TopicKey topic, string runId, RunChange change, CancellationToken cancellationToken)
    {
        var (sequence, time) = (change.Sequence, change.Time);
        var fold = await folds.GetWithAsync(topic, epoch, sequence, cancellationToken);
        if (fold.Exists && Ids.IsValid(runId)
            && ((fold.State as IHasRuns)?.Runs.FindAtHome(runId) ?? await RecallAsync(topic, runId, change.Events, cancellationToken)) is { } run)
        {
            var entry = new ListEntry(topic.Topic.ToString(), time, RunWriter.ItemOf(run, topic.Topic, time), Readers: [], sequence, runId);
            await entries.PutAsync(ListKeys.RunKey(topic.Tenant, runId), entry, cancellationToken);
        }
    }

    /// <summary>A run that ended so many runs ago that its topic has forgotten it: what its entry says, and what happened since.</summary>
    private async Task<RunState?> RecallAsync(TopicKey topic, string runId, ImmutableList<StoredEvent> events, CancellationToken cancellationToken)
    {
        var runs = new RunSet();
        if (events.Count > 0 && events[0].Type != EventTypes.RunRequested
            && await documents.GetAsync(ListKeys.RunKey(topic.Tenant, runId), cancellationToken) is { } document)
        {
            var entry = JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.ListEntry)!;
            runs = runs with { ById = runs.ById.Add(runId, RunWriter.ReadItem(entry.Item)) };
        }

        return events.Aggregate(runs, After).FindAtHome(runId);

        static RunSet After(RunSet runs, StoredEvent e)
        {
            try
            {
                return runs.Apply(e) ?? runs;
            }
            catch (JsonException)
            {
                return runs; // from the backbone
            }
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

    /// <summary>The newest event that an entry follows from.</summary>
    private readonly record struct Change(long Sequence, DateTimeOffset Time);

    /// <summary>The same of a run, and what happened to it.</summary>
    private sealed record RunChange(long Sequence, DateTimeOffset Time, ImmutableList<StoredEvent> Events);
}
