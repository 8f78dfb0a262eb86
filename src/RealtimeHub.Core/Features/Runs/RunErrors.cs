using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Runs;

internal static class RunErrors
{
    /// <summary>The run ended; the details say how.</summary>
    public static Error Ended(RunState run) => Error.Conflict("The run has ended.", StatusOf(run));

    /// <summary>The run does not wait to be started; the details say where it is.</summary>
    public static Error Started(RunState run) => Error.Conflict("The run has started.", StatusOf(run));

    private static JsonObject StatusOf(RunState run) => new() { ["status"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Status.ToString()) };
}
