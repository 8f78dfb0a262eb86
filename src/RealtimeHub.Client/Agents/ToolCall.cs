using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>A call of a tool, from its start to its result.</summary>
public sealed class ToolCall
{
    private readonly RunPublisher publisher;
    private JsonElement? arguments;
    private int written;

    internal ToolCall(RunPublisher publisher, string id, string name, JsonElement? arguments)
    {
        this.publisher = publisher;
        this.arguments = arguments;
        Id = id;
        Name = name;
    }

    /// <summary>The call's id.</summary>
    public string Id { get; }

    /// <summary>The tool.</summary>
    public string Name { get; }

    /// <summary>Whether it was completed.</summary>
    public bool IsCompleted { get; private set; }

    /// <summary>Shows arguments while a model is still writing them; the whole goes into the completion.</summary>
    public async Task WriteArgumentsAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var offset = written;
        written += text.Length;
        await publisher.EnqueueAsync(
            EventTypes.ToolCallArgumentsDelta, Data.Of(new ToolCallArgumentsDelta(Id, text, offset)), cancellationToken);
    }

    /// <summary>Sets the arguments, when they were not known at the start.</summary>
    public void SetArguments(JsonElement whole) => arguments = whole;

    /// <summary>Says what came of it. Completing twice does nothing.</summary>
    public async Task CompleteAsync(JsonElement? result, bool isError = false, CancellationToken cancellationToken = default)
    {
        if (!IsCompleted)
        {
            await CompleteAsync(new ToolCallCompleted(Id, arguments, result, isError), cancellationToken);
        }
    }

    internal async Task AbandonAsync(CancellationToken cancellationToken)
    {
        if (!IsCompleted)
        {
            await CompleteAsync(new ToolCallCompleted(Id, arguments, IsError: true, Incomplete: true), cancellationToken);
        }
    }

    private async Task CompleteAsync(ToolCallCompleted completion, CancellationToken cancellationToken)
    {
        IsCompleted = true;
        publisher.Closed(this);
        await publisher.EnqueueAsync(EventTypes.ToolCallCompleted, Data.Of(completion), cancellationToken);
    }
}
