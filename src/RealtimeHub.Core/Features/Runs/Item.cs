using RealtimeHub.Core.Folds;

namespace RealtimeHub.Core.Features.Runs;

/// <summary>What a run produces piece by piece.</summary>
public enum ItemKind
{
    /// <summary>A message of the conversation.</summary>
    Message,

    /// <summary>A reasoning.</summary>
    Reasoning,

    /// <summary>A tool call; its text is its arguments.</summary>
    ToolCall,
}

/// <summary>A message, reasoning or tool call of a run: its text so far while it is open, and that it was there once it is complete.</summary>
/// <param name="Id">A message's is unique in its topic, any other's in its run.</param>
/// <param name="Kind">What it is.</param>
/// <param name="RunId">The run that it was started in; null for a message that came without one.</param>
/// <param name="StartedAt">Sequence of the event that started it.</param>
/// <param name="IsOpen">Whether deltas may follow.</param>
/// <param name="Text">What its deltas add up to; empty once it is complete.</param>
/// <param name="Title">A reasoning's title, or a tool's name.</param>
public sealed record Item(string Id, ItemKind Kind, string? RunId, long StartedAt, bool IsOpen, TextSoFar Text, string? Title = null)
{
    /// <summary>What it is found by: models number the tool calls of each run anew, so a run's items are the run's own.</summary>
    public string Key => KeyOf(Kind, RunId, Id);

    /// <summary>What an item is found by.</summary>
    public static string KeyOf(ItemKind kind, string? runId, string id) => kind switch
    {
        ItemKind.Message => id,
        ItemKind.Reasoning => $"{runId}/reasoning/{id}",
        _ => $"{runId}/tool_call/{id}",
    };
}
