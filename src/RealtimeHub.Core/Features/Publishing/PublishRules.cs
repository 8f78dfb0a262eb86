using System.Text;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Publishing;

/// <summary>What may be published, by whom, into which state. Everything that is not named here is refused.</summary>
internal static class PublishRules
{
    private static readonly TimeSpan UsageInterval = TimeSpan.FromSeconds(5);

    /// <summary>The agent that speaks: the one named, else the only one of the token; null when the token speaks for none.</summary>
    public static string? AgentOf(Caller caller, PublishEvents request) =>
        request.AgentId ?? (caller.Agents.Count == 1 ? caller.Agents.Single() : null);

    /// <summary>Whether the caller may know of the topic at all, and may speak for whom it says.</summary>
    /// <remarks>The agent that a run names sees that run for publishing, ended or not.</remarks>
    public static Error? Visibility(Caller caller, TopicFold fold, PublishEvents request)
    {
        if (request.AgentId is null && caller.Agents.Count > 1)
        {
            return Error.Invalid("agentId", "must be given: the token speaks for several agents");
        }

        if (request.AgentId is { } named && !caller.Agents.Contains(named))
        {
            return Error.Forbidden($"The token does not speak for agent:{named}.");
        }

        if (fold.PermissionOf(caller) is not null)
        {
            return null;
        }

        var agent = AgentOf(caller, request);
        return request.Events.Any(e => IsNamed(fold, e.RunId ?? EventData.RunIdIn(EventData.Bind(e)), agent)) ? null : Error.NotFound;
    }

    /// <summary>The same for one event of a batch: what the caller may know of the others says nothing about this one.</summary>
    public static bool Sees(TopicFold fold, Caller caller, PendingEvent e) =>
        fold.PermissionOf(caller) is not null || (e.Actor.Kind == SubjectKind.Agent && IsNamed(fold, e.RunId, e.Actor.Id));

    /// <summary>Why an event that the caller sees the place of may not be stored on this state; null when it may.</summary>
    public static Error? Check(TopicFold fold, Caller caller, PendingEvent e, Limits limits) => e.Type switch
    {
        EventTypes.AgentStatusChanged => CheckAgentStatus(fold, caller, e),
        EventTypes.MessageCreated or EventTypes.MessageStarted or EventTypes.MessageDelta or EventTypes.MessageCompleted
            or EventTypes.ReasoningStarted or EventTypes.ReasoningDelta or EventTypes.ReasoningCompleted
            or EventTypes.ToolCallStarted or EventTypes.ToolCallArgumentsDelta or EventTypes.ToolCallCompleted
            or EventTypes.RunStarted or EventTypes.RunStepStarted or EventTypes.RunStepCompleted or EventTypes.RunUsage
            or EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCancelled => CheckInRun(fold, e, limits),
        _ when EventTypes.IsCustom(e.Type) => CheckCustom(fold, caller, e, limits),
        _ => Error.Forbidden($"{e.Type} is not yours to publish: it has a command."),
    };

    private static Error? CheckAgentStatus(TopicFold fold, Caller caller, PendingEvent e) =>
        !fold.Exists ? Error.NotFound
        : e.Actor.Kind == SubjectKind.Agent && fold.Key.Topic == Topic.Agent(e.Actor.Id) && caller.Agents.Contains(e.Actor.Id) ? null
        : Error.Forbidden("An agent's status goes into its own topic.");

    private static Error? CheckCustom(TopicFold fold, Caller caller, PendingEvent e, Limits limits)
    {
        if (e.RunId is not null)
        {
            return CheckInRun(fold, e, limits);
        }

        return fold.PermissionOf(caller) >= Permission.Operate ? null : Error.Forbidden($"This takes the permission to operate {fold.Key.Topic}.");
    }

    private static Error? CheckInRun(TopicFold fold, PendingEvent e, Limits limits)
    {
        if (e.RunId is null)
        {
            return Error.Invalid("runId", "must be given: this belongs to a run");
        }

        if (RunOf(fold, e.RunId) is not { } run)
        {
            return Error.Invalid("runId", "is no run of this topic");
        }

        if (e.Actor != Subject.Agent(run.AgentId))
        {
            return Error.Forbidden($"Only agent:{run.AgentId} publishes into this run.");
        }

        return run.HasEnded ? RunErrors.Ended(run)
            : e.Data is RunUsage ? CheckUsageRate(run, e.Time)
            : CheckData(fold, run, e.Data, limits);
    }

    // Totals, so nothing is lost with one that does not come: the next one, or the run's end, says it all.
    private static Error? CheckUsageRate(RunState run, DateTimeOffset time) =>
        run.UsageAt + UsageInterval - time is { } left && left > TimeSpan.Zero
            ? new Error(ErrorCode.RateLimited, "A run says its usage once in 5 seconds.") { RetryAfterMs = (int)Math.Ceiling(left.TotalMilliseconds) }
            : null;

    private static Error? CheckData(TopicFold fold, RunState run, object? data, Limits limits) => data switch
    {
        MessageCreated d => MustBeAssistant(d.Role) ?? MustBeNew(fold, Message(d.MessageId)) ?? MustFit(d.Text, limits),
        MessageStarted d => MustBeAssistant(d.Role) ?? MustBeNew(fold, Message(d.MessageId)),
        MessageDelta d => MustContinue(fold, run, Message(d.MessageId), d.Text, d.Offset, limits),
        MessageCompleted d => MustBeOpen(fold, run, Message(d.MessageId)) ?? MustFit(d.Text, limits),
        ReasoningStarted d => MustBeNew(fold, Reasoning(run, d.ReasoningId)),
        ReasoningDelta d => MustContinue(fold, run, Reasoning(run, d.ReasoningId), d.Text, d.Offset, limits),
        ReasoningCompleted d => MustBeOpen(fold, run, Reasoning(run, d.ReasoningId)) ?? MustFit(d.Text, limits),
        ToolCallStarted d => MustBeNew(fold, ToolCall(run, d.ToolCallId)),
        ToolCallArgumentsDelta d => MustContinue(fold, run, ToolCall(run, d.ToolCallId), d.Text, d.Offset, limits),
        ToolCallCompleted d => MustBeOpen(fold, run, ToolCall(run, d.ToolCallId)),
        RunStarted d when d.AgentId != run.AgentId => Error.Invalid("data.agentId", "is not the agent of the run"),
        RunStarted when run.Status != RunStatus.Requested => RunErrors.Started(run),
        _ => null,
    };

    private static string Message(string id) => Item.KeyOf(ItemKind.Message, runId: null, id);

    private static string Reasoning(RunState run, string id) => Item.KeyOf(ItemKind.Reasoning, run.RunId, id);

    private static string ToolCall(RunState run, string id) => Item.KeyOf(ItemKind.ToolCall, run.RunId, id);

    private static Error? MustBeAssistant(MessageRole role) =>
        role == MessageRole.Assistant ? null : Error.Forbidden("An agent publishes messages of the role assistant.");

    private static Error? MustBeNew(TopicFold fold, string key) =>
        ItemOf(fold, key) is { } item ? Error.Conflict("The id is taken.", new JsonObject { ["id"] = item.Id, ["open"] = item.IsOpen }) : null;

    private static Error? MustBeOpen(TopicFold fold, RunState run, string key) => ItemOf(fold, key) switch
    {
        null => Error.NotFound,
        { } item when item.RunId != run.RunId => Error.Invalid("runId", "is not the run that this was started in"),
        { IsOpen: false } item => Error.Conflict("It is complete.", new JsonObject { ["id"] = item.Id, ["open"] = false }),
        _ => null,
    };

    private static Error? MustContinue(TopicFold fold, RunState run, string key, string text, int? offset, Limits limits)
    {
        if (MustBeOpen(fold, run, key) is { } error)
        {
            return error;
        }

        var item = ItemOf(fold, key)!;
        if (offset is not null && offset != item.Text.Length)
        {
            return Error.Conflict("The offset does not fit.", new JsonObject { ["expected"] = item.Text.Length });
        }

        return (long)item.Text.Bytes + Encoding.UTF8.GetByteCount(text) > limits.AccumulatedTextBytes
            ? Error.TooLarge($"A text has at most {limits.AccumulatedTextBytes} bytes.")
            : null;
    }

    private static Error? MustFit(string text, Limits limits) =>
        Encoding.UTF8.GetByteCount(text) <= limits.AccumulatedTextBytes
            ? null
            : Error.TooLarge($"A text has at most {limits.AccumulatedTextBytes} bytes.");

    private static bool IsNamed(TopicFold fold, string? runId, string? agent) => agent is not null && RunOf(fold, runId)?.AgentId == agent;

    private static RunState? RunOf(TopicFold fold, string? runId) =>
        runId is not null && fold.State is IHasRuns state ? state.Runs.FindAtHome(runId) : null;

    private static Item? ItemOf(TopicFold fold, string key) => (fold.State as IHasRuns)?.FindItem(key);
}
