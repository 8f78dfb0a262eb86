using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Runs;

internal static class RunErrors
{
    /// <summary>The run ended; the details say how.</summary>
    public static Error Ended(RunState run) => Error.Conflict(
        "The run has ended.",
        new JsonObject { ["status"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Status.ToString()) });
}
