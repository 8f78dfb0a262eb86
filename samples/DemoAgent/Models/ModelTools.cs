using System.Text.Json;
using Microsoft.Extensions.AI;
using RealtimeHub.Client;
using RealtimeHub.DemoAgent.Tools;

namespace RealtimeHub.DemoAgent.Models;

/// <summary>The document tools as functions of a model; every call is shown as it happens.</summary>
internal sealed class ModelTools(DocsTools tools, RunPublisher publisher)
{
    private readonly Dictionary<string, AIFunction> functions = new AIFunction[]
    {
        AIFunctionFactory.Create(tools.ListFiles, DocsTools.ListFilesName),
        AIFunctionFactory.Create(tools.Search, DocsTools.SearchName),
        AIFunctionFactory.Create(tools.ReadFile, DocsTools.ReadFileName),
        AIFunctionFactory.Create(tools.Count, DocsTools.CountName),
    }.ToDictionary(function => function.Name, StringComparer.Ordinal);

    public IReadOnlyList<AITool> All => [.. functions.Values];

    /// <summary>What a model is told; a mistake of the model's is told to the model, which may do better.</summary>
    public async Task<FunctionResultContent> CallAsync(FunctionCallContent asked, CancellationToken cancellationToken)
    {
        var arguments = JsonSerializer.SerializeToElement(asked.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions);
        var call = await publisher.BeginToolCallAsync(asked.Name, arguments, cancellationToken);
        var (result, isError) = await ResultAsync(asked, cancellationToken);
        await call.CompleteAsync(result, isError, cancellationToken);
        return new FunctionResultContent(asked.CallId, result);
    }

    private async Task<(JsonElement Result, bool IsError)> ResultAsync(FunctionCallContent asked, CancellationToken cancellationToken)
    {
        try
        {
            var function = functions.GetValueOrDefault(asked.Name) ?? throw new ToolException($"There is no tool '{asked.Name}'.");
            var result = await function.InvokeAsync(new AIFunctionArguments(asked.Arguments), cancellationToken);
            return (result is JsonElement element ? element : JsonSerializer.SerializeToElement(result, AIJsonUtilities.DefaultOptions), false);
        }
        catch (Exception error) when (error is ToolException or ArgumentException or JsonException)
        {
            return (JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["error"] = error.Message }, AIJsonUtilities.DefaultOptions), true);
        }
    }
}
