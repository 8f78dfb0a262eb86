using System.Runtime.ExceptionServices;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Projection;

/// <summary>Closes what a run left open when it ended, with its text so far and marked as incomplete.</summary>
internal sealed class OpenItemsProjection(SystemEvents system, ITopicFolds folds) : IProjection
{
    private static readonly JsonElement Nothing = JsonDocument.Parse("null").RootElement;

    public async ValueTask ProjectAsync(StoredEvent e, CancellationToken cancellationToken)
    {
        if (e.Type is not (EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCancelled) || e.RunId is not { } runId)
        {
            return;
        }

        var fold = await folds.GetAsync(e.Topic, cancellationToken);
        ExceptionDispatchInfo? failure = null;
        foreach (var item in (fold.State as IHasRuns)?.Runs.OpenItemsOf(runId) ?? [])
        {
            try
            {
                await CloseAsync(fold, runId, item, cancellationToken);
            }
            catch (Exception malformed) when (Projector.IsOfTheEvent(malformed))
            {
                failure ??= ExceptionDispatchInfo.Capture(malformed); // the others are closed all the same
            }
        }

        failure?.Throw();
    }

    private ValueTask CloseAsync(TopicFold fold, string runId, Item item, CancellationToken cancellationToken)
    {
        var topic = fold.Key;
        var id = SystemIds.For("close", topic, item.StartedAt, item.Key);
        var text = item.Text.ToString();
        return item.Kind switch
        {
            ItemKind.Message => system.AppendAsync(
                topic, id, EventTypes.MessageCompleted, new MessageCompleted(item.Id, text, Incomplete: true), runId, IsOpen, cancellationToken),
            ItemKind.Reasoning => system.AppendAsync(
                topic, id, EventTypes.ReasoningCompleted, new ReasoningCompleted(item.Id, text, item.Title, Incomplete: true), runId, IsOpen, cancellationToken),
            _ => system.AppendAsync(
                topic, id, EventTypes.ToolCallCompleted,
                new ToolCallCompleted(item.Id, JsonOf(text) ?? StartedWith() ?? Nothing, Nothing, IsError: true, Incomplete: true), runId, IsOpen, cancellationToken),
        };

        bool IsOpen(TopicFold now) => (now.State as IHasRuns)?.FindItem(item.Key) is { IsOpen: true };

        JsonElement? StartedWith() => (fold.State as IHasRuns)?.Runs.Find(runId)?.ToolCalls.Find(c => c.ToolCallId == item.Id)?.Arguments;
    }

    // Half-written arguments are seldom JSON; what nobody could publish as JSON is kept as text.
    private static JsonElement? JsonOf(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        try
        {
            var arguments = JsonDocument.Parse(text).RootElement;
            if (JsonText.IsWellFormed(arguments, ContractsJson.MaxDepth - 1)) // the event's data is a level, too
            {
                return arguments;
            }
        }
        catch (JsonException)
        {
            // Cut off in the middle.
        }

        return JsonSerializer.SerializeToElement(text, ContractsJson.WireType<string>());
    }
}
