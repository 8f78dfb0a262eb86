using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Runs;

/// <summary>A topic whose runs, and what they produce, can be looked up.</summary>
public interface IHasRuns
{
    /// <summary>Its runs.</summary>
    RunSet Runs { get; }

    /// <summary>A message, reasoning or tool call that is open, or whose run is, by <see cref="Item.Key"/>; null for any other.</summary>
    Item? FindItem(string key);
}

/// <summary>The runs of a topic and what they produce: every open run, the newest closed ones, and their items. Immutable.</summary>
public sealed record RunSet
{
    /// <summary>Closed runs that are kept.</summary>
    public const int ClosedRuns = 50;

    // Longer JSON of what is closed stays in the log alone: a fold is in memory, and in every snapshot.
    private const int KeptClosedJson = 16 * 1024;

    // What is open is kept whole, as far as a snapshot could hold it.
    private const int KeptOpenJson = SnapshotBudget.MaxBytes;

    private const int KeptToolCalls = 200;

    private const int KeptSteps = 500;

    /// <summary>By id.</summary>
    public ImmutableDictionary<string, RunState> ById { get; init; } = ImmutableDictionary.Create<string, RunState>(StringComparer.Ordinal);

    /// <summary>Ids of the closed runs, oldest first.</summary>
    public ImmutableQueue<string> Closed { get; init; } = [];

    /// <summary>What open runs produced, and what is open of ended ones, by <see cref="Item.Key"/>.</summary>
    public ImmutableDictionary<string, Item> Items { get; init; } = ImmutableDictionary.Create<string, Item>(StringComparer.Ordinal);

    /// <summary>Runs that have not ended.</summary>
    [JsonIgnore]
    public IEnumerable<RunState> Open => ById.Values.Where(r => !r.HasEnded);

    /// <summary>Sequence of the event that started the oldest open item.</summary>
    [JsonIgnore]
    public long? OldestOpen
    {
        get
        {
            long? oldest = null;
            foreach (var (_, item) in Items)
            {
                oldest = item.IsOpen && !(item.StartedAt > oldest) ? item.StartedAt : oldest;
            }

            return oldest;
        }
    }

    /// <summary>A run; null when it is unknown, or ended long ago.</summary>
    public RunState? Find(string runId) => ById.GetValueOrDefault(runId);

    /// <summary>A run that lives in this topic; null for a copy, which is changed where it lives.</summary>
    public RunState? FindAtHome(string runId) => Find(runId) is { Home: null } run ? run : null;

    /// <summary>What is still open of a run, oldest first.</summary>
    public IEnumerable<Item> OpenItemsOf(string runId) =>
        Items.Values.Where(i => i.IsOpen && i.RunId == runId).OrderBy(i => i.StartedAt);

    /// <summary>The runs after an event; null when the event has no place: a second end, something after the end, a delta that does not continue.</summary>
    public RunSet? Apply(StoredEvent e)
    {
        var run = e.RunId is { } runId ? Find(runId) : null;
        if (run is { HasEnded: true } && !(e.Actor.Kind == SubjectKind.System && Closes(e)))
        {
            return null;
        }

        return e.Type switch
        {
            EventTypes.RunRequested => run is null ? Request(e) : null,
            EventTypes.MessageCreated => run is null ? this : Start(e, ItemKind.Message, Data<MessageCreated>(e).MessageId, isOpen: false),
            EventTypes.MessageStarted => Start(e, ItemKind.Message, Data<MessageStarted>(e).MessageId),
            EventTypes.MessageDelta => Data<MessageDelta>(e) is var d ? Continue(d.MessageId, d.Text, d.Offset) : null,
            EventTypes.MessageCompleted => Complete(e, ItemKind.Message, Data<MessageCompleted>(e).MessageId),
            EventTypes.ReasoningStarted => Data<ReasoningStarted>(e) is var d ? Start(e, ItemKind.Reasoning, d.ReasoningId, d.Title) : null,
            EventTypes.ReasoningDelta => Data<ReasoningDelta>(e) is var d ? Continue(Item.KeyOf(ItemKind.Reasoning, e.RunId, d.ReasoningId), d.Text, d.Offset) : null,
            EventTypes.ReasoningCompleted => Complete(e, ItemKind.Reasoning, Data<ReasoningCompleted>(e).ReasoningId),
            EventTypes.ToolCallStarted => StartToolCall(e, run, Data<ToolCallStarted>(e)),
            EventTypes.ToolCallArgumentsDelta => Data<ToolCallArgumentsDelta>(e) is var d ? Continue(Item.KeyOf(ItemKind.ToolCall, e.RunId, d.ToolCallId), d.Text, d.Offset) : null,
            EventTypes.ToolCallCompleted => CompleteToolCall(e, run, Data<ToolCallCompleted>(e)),
            _ => run is null ? this : With(Change(run, e)),
        };
    }

    private static bool Closes(StoredEvent e) =>
        e.Type is EventTypes.MessageCompleted or EventTypes.ReasoningCompleted or EventTypes.ToolCallCompleted;

    private static T Data<T>(StoredEvent e) => e.Read<T>();

    private RunSet? Request(StoredEvent e)
    {
        var data = Data<RunRequested>(e);
        if (!Ids.IsValid(data.AgentId))
        {
            return null; // from the backbone; nobody could do it
        }

        var (input, cut) = Keep(data.Input, KeptOpenJson);
        return this with
        {
            ById = ById.SetItem(data.RunId, new RunState
            {
                RunId = data.RunId, AgentId = data.AgentId, Input = input, IsTruncated = cut, RequestedBy = e.Actor, RequestedAt = e.Time, Deadline = data.Deadline,
                Home = e.Origin?.Topic,
            }),
        };
    }

    private static RunState Change(RunState run, StoredEvent e) => e.Type switch
    {
        EventTypes.RunStarted => run with { Status = RunStatus.Running, StartedAt = e.Time },
        EventTypes.RunStepStarted => run with { Steps = StepsWith(run.Steps, Data<RunStep>(e), isCompleted: false) },
        EventTypes.RunStepCompleted => run with { Steps = StepsWith(run.Steps, Data<RunStep>(e), isCompleted: true) },
        EventTypes.RunStalled => run with { IsStalled = true },
        EventTypes.RunResumed => run with { IsStalled = false },
        EventTypes.RunUsage => Data<RunUsage>(e) is var d ? run with { Usage = new Usage(d.InputTokens, d.OutputTokens, d.Cost, d.DurationMs), UsageAt = e.Time } : run,
        EventTypes.RunCancelRequested => run with { CancelRequestedAt = run.CancelRequestedAt ?? e.Time },
        EventTypes.RunCompleted => Completed(run, e, Data<RunCompleted>(e)),
        EventTypes.RunFailed => Data<RunFailed>(e) is var d
            ? run with { Status = RunStatus.Failed, EndedAt = e.Time, Error = d.Error, Usage = d.Usage ?? run.Usage } : run,
        EventTypes.RunCancelled => Data<RunCancelled>(e) is var d
            ? run with { Status = RunStatus.Cancelled, EndedAt = e.Time, Reason = d.Reason, Usage = d.Usage ?? run.Usage } : run,
        _ => run,
    };

    private static RunState Completed(RunState run, StoredEvent e, RunCompleted data)
    {
        var (output, cut) = Keep(data.Output, KeptClosedJson);
        return run with
        {
            Status = RunStatus.Completed,
            EndedAt = e.Time,
            Output = output,
            IsTruncated = run.IsTruncated || cut,
            Usage = data.Usage ?? run.Usage,
        };
    }

    private static ImmutableList<RunStepState> StepsWith(ImmutableList<RunStepState> steps, RunStep data, bool isCompleted)
    {
        var index = steps.FindIndex(s => s.StepId == data.StepId);
        var step = new RunStepState(data.StepId, data.Title, isCompleted);
        return index >= 0 ? steps.SetItem(index, step) : steps.Count < KeptSteps ? steps.Add(step) : steps;
    }

    private RunSet With(RunState run)
    {
        if (!run.HasEnded)
        {
            return this with { ById = ById.SetItem(run.RunId, run) };
        }

        var (input, cut) = Keep(run.Input, KeptClosedJson);
        var next = this with { ById = ById.SetItem(run.RunId, run with { Input = input, IsTruncated = run.IsTruncated || cut }) };

        // What is complete of an ended run is asked for no more; what is open is closed by the service, and then goes, too.
        next = next with { Closed = Closed.Enqueue(run.RunId), Items = Items.RemoveRange(Items.Values.Where(i => i.RunId == run.RunId && !i.IsOpen).Select(i => i.Key)) };
        if (next.ById.Values.Count(r => r.HasEnded) <= ClosedRuns)
        {
            return next;
        }

        var closed = next.Closed.Dequeue(out var oldest);
        return next with { Closed = closed, ById = next.ById.Remove(oldest) };
    }

    private RunSet? Start(StoredEvent e, ItemKind kind, string id, string? title = null, bool isOpen = true)
    {
        var item = new Item(id, kind, e.RunId, e.Sequence, isOpen, TextSoFar.Empty, title);
        return Items.ContainsKey(item.Key) ? null : this with { Items = Items.Add(item.Key, item) };
    }

    private RunSet? Continue(string key, string text, int? offset) =>
        Items.GetValueOrDefault(key) is { IsOpen: true } item && !HasEnded(item.RunId) && (offset is null || offset == item.Text.Length)
            ? this with { Items = Items.SetItem(key, item with { Text = item.Text.Append(text) }) }
            : null;

    // A message that was never started is one that came whole; anything else that was not started has no place.
    private RunSet? Complete(StoredEvent e, ItemKind kind, string id) => Items.GetValueOrDefault(Item.KeyOf(kind, e.RunId, id)) switch
    {
        null => kind == ItemKind.Message ? this : null,
        { } item when !item.IsOpen || (HasEnded(item.RunId) && e.Actor.Kind != SubjectKind.System) => null,
        { } item when item.RunId is null || Find(item.RunId) is null or { HasEnded: true } => this with { Items = Items.Remove(item.Key) },
        { } item => this with { Items = Items.SetItem(item.Key, item with { IsOpen = false, Text = TextSoFar.Empty }) },
    };

    private bool HasEnded(string? runId) => runId is not null && Find(runId) is { HasEnded: true };

    private RunSet? StartToolCall(StoredEvent e, RunState? run, ToolCallStarted data)
    {
        if (Start(e, ItemKind.ToolCall, data.ToolCallId, data.Name) is not { } next || run is null)
        {
            return null;
        }

        var (arguments, cut) = Keep(data.Arguments, KeptOpenJson);
        var calls = run.ToolCalls.Add(new ToolCallState(data.ToolCallId, data.Name, arguments, Result: null, ToolCallStatus.Open, cut));
        return next.With(run with { ToolCalls = calls.Count > KeptToolCalls ? calls.RemoveAt(0) : calls });
    }

    private RunSet? CompleteToolCall(StoredEvent e, RunState? run, ToolCallCompleted data)
    {
        if (Complete(e, ItemKind.ToolCall, data.ToolCallId) is not { } next)
        {
            return null;
        }

        var index = run?.ToolCalls.FindIndex(c => c.ToolCallId == data.ToolCallId) ?? -1;
        if (run is null || index < 0)
        {
            return next;
        }

        var call = run.ToolCalls[index];
        var (arguments, argumentsCut) = Keep(data.Arguments ?? call.Arguments, KeptClosedJson);
        var (result, resultCut) = Keep(data.Result, KeptClosedJson);
        var status = data.Incomplete == true ? ToolCallStatus.Incomplete : data.IsError == true ? ToolCallStatus.Failed : ToolCallStatus.Completed;
        call = call with
        {
            Arguments = arguments,
            Result = result,
            Status = status,
            IsTruncated = call.IsTruncated || argumentsCut || resultCut,
        };
        return next with { ById = next.ById.SetItem(run.RunId, run with { ToolCalls = run.ToolCalls.SetItem(index, call) }) };
    }

    // What a service publishes on the backbone may hold half a character, which could not be written into a snapshot.
    private static (JsonElement? Kept, bool Cut) Keep(JsonElement? json, int max) => json switch
    {
        null => (null, false),
        { } value when !JsonText.IsWellFormed(value) => (null, true),
        { ValueKind: JsonValueKind.String } text => SnapshotBudget.Cut(text, max),
        { } value => value.GetRawText().Length > max ? (null, true) : (json, false),
    };
}
