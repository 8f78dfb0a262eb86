using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Features.Agents;
using RealtimeHub.Core.Features.Conversations;
using RealtimeHub.Core.Features.Inbox;
using RealtimeHub.Core.Features.Tenants;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>Long folds as documents, so that a cold topic costs a checkpoint and a short read. Thrown away freely: the log has it all.</summary>
internal sealed class FoldCheckpoints(
    IEventLog log, IDocumentStore documents, CursorCheck cursors, TopicFoldsOptions options, ILogger<FoldCheckpoints> logger)
{
    // Raise it when a state changes its members or what an event does to it: older checkpoints are then not read.
    private const int Version = 9;

    private const int MaxDocumentBytes = 1024 * 1024;

    // Beyond that all are counted anew: their checkpoints come later.
    private const int MostCounted = 100_000;

    private readonly ConcurrentDictionary<TopicKey, int> sinceCheckpoint = [];

    /// <summary>The topic's checkpoint, if there is one that fits the log as it is now.</summary>
    public async ValueTask<TopicFold?> ReadAsync(TopicKey topic, CancellationToken cancellationToken)
    {
        if (await documents.GetAsync(KeyOf(topic), cancellationToken) is not { } document || TryRead(topic, document.Value) is not var (epoch, fold))
        {
            return null;
        }

        var at = Cursor.At(epoch, topic, fold.Sequence, fold.LastState);
        return await cursors.CheckAsync(topic, at, cancellationToken) == CursorFit.Fits ? fold : null;
    }

    /// <summary>Counts what was applied, and writes a checkpoint behind the caller's back when it was enough.</summary>
    public void Note(TopicFold fold, ulong epoch, int applied)
    {
        if (applied == 0 || fold.State is UnknownState)
        {
            return;
        }

        if (!sinceCheckpoint.ContainsKey(fold.Key) && sinceCheckpoint.Count >= MostCounted)
        {
            sinceCheckpoint.Clear();
        }

        if (sinceCheckpoint.AddOrUpdate(fold.Key, applied, (_, count) => count + applied) >= options.CheckpointEvents)
        {
            sinceCheckpoint.TryRemove(fold.Key, out _);
            _ = WriteAsync(fold, epoch);
        }
    }

    /// <summary>Writes a checkpoint; a failure costs nothing but time later.</summary>
    public async Task WriteAsync(TopicFold fold, ulong? foldedIn = null)
    {
        try
        {
            var epoch = (await log.GetHeadAsync(CancellationToken.None)).Epoch;
            if (foldedIn is not null && foldedIn != epoch)
            {
                return; // the log was replaced while it was folded
            }

            var state = JsonSerializer.SerializeToElement(fold.State, fold.State.GetType(), CheckpointJsonContext.Default);
            var checkpoint = new Checkpoint(Version, epoch, fold.Sequence, fold.LastState, fold.CopiedThrough, fold.Recent, fold.Misplaced, fold.CutOff, state);
            var bytes = Compress(checkpoint);
            if (bytes.Length <= MaxDocumentBytes)
            {
                await documents.PutAsync(KeyOf(fold.Key), bytes, expectedRevision: null, CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            FoldsLog.CheckpointFailed(logger, fold.Key.ToString(), e);
        }
    }

    /// <summary>Deletes the topic's checkpoint, if there is one.</summary>
    public async ValueTask DeleteAsync(TopicKey topic, CancellationToken cancellationToken)
    {
        sinceCheckpoint.TryRemove(topic, out _);
        await documents.DeleteAsync(KeyOf(topic), expectedRevision: null, cancellationToken);
    }

    private static string KeyOf(TopicKey topic) => $"fold.{topic.Tenant}.{topic.Topic.KindName}.{topic.Topic.Id}";

    private static ReadOnlyMemory<byte> Compress(Checkpoint checkpoint)
    {
        using var buffer = new MemoryStream();
        using (var compressed = new BrotliStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            JsonSerializer.Serialize(compressed, checkpoint, CheckpointJsonContext.Default.Checkpoint);
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private (ulong Epoch, TopicFold Fold)? TryRead(TopicKey topic, ReadOnlyMemory<byte> document)
    {
        try
        {
            using var compressed = new BrotliStream(new MemoryStream(document.ToArray()), CompressionMode.Decompress);
            if (JsonSerializer.Deserialize(compressed, CheckpointJsonContext.Default.Checkpoint) is not { Version: Version } checkpoint)
            {
                return null;
            }

            return (checkpoint.Epoch, new TopicFold
            {
                Key = topic, Sequence = checkpoint.Sequence, LastState = checkpoint.LastState,
                CopiedThrough = checkpoint.CopiedThrough, Recent = checkpoint.Recent, Misplaced = checkpoint.Misplaced, CutOff = checkpoint.CutOff,
                State = ReadState(topic.Topic.Kind, checkpoint.State),
            });
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException)
        {
            FoldsLog.CheckpointUnreadable(logger, e);
            return null;
        }
    }

    private static ITopicState ReadState(TopicKind kind, JsonElement state) => kind switch
    {
        TopicKind.Conversation => state.Deserialize(CheckpointJsonContext.Default.ConversationState)!,
        TopicKind.Agent => state.Deserialize(CheckpointJsonContext.Default.AgentState)!,
        TopicKind.User => state.Deserialize(CheckpointJsonContext.Default.UserState)!,
        TopicKind.Tenant => state.Deserialize(CheckpointJsonContext.Default.TenantState)!,
        _ => throw new InvalidOperationException($"{kind} topics have no checkpoints."),
    };
}

/// <summary>A fold as a document.</summary>
internal sealed record Checkpoint(
    int Version, ulong Epoch, long Sequence, StateMark LastState, long CopiedThrough, RecentRequests Recent, ImmutableSortedSet<long> Misplaced,
    ImmutableDictionary<string, long> CutOff, JsonElement State);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Checkpoint))]
[JsonSerializable(typeof(ConversationState))]
[JsonSerializable(typeof(AgentState))]
[JsonSerializable(typeof(UserState))]
[JsonSerializable(typeof(TenantState))]
internal sealed partial class CheckpointJsonContext : JsonSerializerContext;
