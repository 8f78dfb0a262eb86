using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Agents;

/// <summary>A run that is asked of the agent, and whether some process of it had begun already.</summary>
/// <param name="Request">What is asked.</param>
/// <param name="Home">The topic that the run lives in.</param>
/// <param name="Started">Whether <c>run.started</c> was seen, or the snapshot says that it is past that.</param>
internal sealed record OpenRun(RunRequested Request, string Home, bool Started)
{
    /// <summary>The run of a <c>run.requested</c>; a copy says itself where the run lives, any other lives in the agent's topic.</summary>
    public static OpenRun? FromEvent(Event e, string agentTopic) =>
        Data.As<RunRequested>(e.Data) is { } request ? new OpenRun(request, e.Origin?.Topic ?? agentTopic, Started: false) : null;

    /// <summary>A run in an agent's snapshot; null when it is over.</summary>
    public static OpenRun? FromSnapshot(JsonElement run, string agentId)
    {
        var status = Text(run, "status");
        if (Text(run, "runId") is not { } runId || status is "completed" or "failed" or "cancelled")
        {
            return null;
        }

        var home = Text(run, "topic") ?? HomeOf(run, agentId);
        var request = new RunRequested(
            runId,
            Text(run, "agentId") ?? agentId,
            run.TryGetProperty("input", out var input) ? input : default,
            run.TryGetProperty("deadline", out var deadline) && deadline.TryGetDateTimeOffset(out var at) ? at : DateTimeOffset.MaxValue,
            Text(run, "conversationId") ?? IdIn(home, TopicKind.Conversation),
            Text(run, "processId") ?? IdIn(home, TopicKind.Process),
            Text(run, "stepId"));
        return new OpenRun(request, home, Started: status is not "requested");
    }

    private static string HomeOf(JsonElement run, string agentId) =>
        run.TryGetProperty("origin", out var origin) && Text(origin, "topic") is { } topic ? topic
        : Text(run, "conversationId") is { } conversation ? Topic.Conversation(conversation).ToString()
        : Text(run, "processId") is { } process ? Topic.Process(process).ToString()
        : Topic.Agent(agentId).ToString();

    private static string? IdIn(string home, TopicKind kind) =>
        Topic.TryParse(home, out var topic) && topic.Kind == kind ? topic.Id : null;

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
