using System.Text.Json;
using RealtimeHub.Client;

namespace RealtimeHub.DemoAgent.Tools;

/// <summary>Calls a tool where everybody sees it: arguments before, result or error after.</summary>
internal sealed class ToolCalls(RunPublisher publisher)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Words that were read, as a stand-in for tokens.</summary>
    public long Read { get; private set; }

    public async Task<T> CallAsync<T>(string name, object arguments, Func<T> tool, CancellationToken cancellationToken)
    {
        var call = await publisher.BeginToolCallAsync(name, JsonSerializer.SerializeToElement(arguments, Json), cancellationToken);
        try
        {
            var result = tool();
            var shown = JsonSerializer.SerializeToElement(result, Json);
            Read += shown.GetRawText().AsSpan().Count(' ');
            await call.CompleteAsync(shown, cancellationToken: cancellationToken);
            return result;
        }
        catch (ToolException error)
        {
            await call.CompleteAsync(JsonSerializer.SerializeToElement(new { error = error.Message }, Json), isError: true, cancellationToken);
            throw;
        }
    }
}
