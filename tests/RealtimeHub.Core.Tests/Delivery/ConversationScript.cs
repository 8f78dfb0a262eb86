using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>Appends the events of a conversation to a log, as the service would have stored them. Each member returns a sequence.</summary>
/// <param name="log">Which log.</param>
/// <param name="id">Which conversation.</param>
/// <param name="tenant">Whose.</param>
/// <param name="prefix">Begins the ids that are made here: two scripts of one conversation need two.</param>
internal sealed class ConversationScript(IEventLog log, string id, string tenant = "acme", string prefix = "")
{
    private static readonly JsonElement NoInput = JsonDocument.Parse("{}").RootElement;
    private readonly Dictionary<string, string> texts = [];
    private int lastId;

    public TopicKey Key { get; } = new(tenant, RealtimeHub.Contracts.Topic.Conversation(id));

    public string Topic => Key.Topic.ToString();

    /// <summary>The messages that take deltas, by id, with their runs.</summary>
    public Dictionary<string, string> OpenMessages { get; } = [];

    /// <summary>The runs that have ended.</summary>
    public List<string> EndedRuns { get; } = [];

    /// <summary>The runs that have not ended, with their agents.</summary>
    public Dictionary<string, string> OpenRuns { get; } = [];

    public Task<long> CreateAsync(params string[] users) => AppendAsync(Make(
        EventTypes.ConversationCreated, new ConversationCreated(id, [.. users.Select(ParticipantOf)])));

    public Task<long> JoinAsync(string user) => AppendAsync(Make(EventTypes.ParticipantJoined, new ParticipantChanged(ParticipantOf(user))));

    public Task<long> LeaveAsync(string user) => AppendAsync(Make(EventTypes.ParticipantLeft, new ParticipantChanged(ParticipantOf(user))));

    /// <summary>A message that comes whole.</summary>
    public Task<long> SayAsync(string text = "Hello.") => AppendAsync(Said(text));

    /// <summary>Messages that come whole, in one append; the sequence of the last.</summary>
    public Task<long> SayManyAsync(int count, string text = "Hello.") => AppendAsync([.. Enumerable.Range(0, count).Select(_ => Said(text))]);

    /// <summary>A run that the agent has taken up.</summary>
    public async Task<string> RunAsync(string agent = "writer")
    {
        var run = NextId("run");
        OpenRuns.Add(run, agent);
        await AppendAsync(Make(
            EventTypes.RunRequested, new RunRequested(run, agent, NoInput, TestEvents.Time.AddHours(1), ConversationId: id), run));
        await AppendAsync(Make(EventTypes.RunStarted, new RunStarted(run, agent), run, Subject.Agent(agent)));
        return run;
    }

    public Task<long> EndRunAsync(string run)
    {
        OpenRuns.Remove(run);
        EndedRuns.Add(run);
        return AppendAsync(Make(EventTypes.RunCompleted, new RunCompleted(run), run, Subject.Agent("writer")));
    }

    /// <summary>Begins a message.</summary>
    public async Task<string> StartAsync(string run)
    {
        var message = NextId("message");
        OpenMessages.Add(message, run);
        texts.Add(message, "");
        await AppendAsync(Make(EventTypes.MessageStarted, new MessageStarted(message, MessageRole.Assistant), run, Subject.Agent("writer")));
        return message;
    }

    /// <summary>The message goes on.</summary>
    public Task<long> DeltaAsync(string message, string text = "word ") => AppendAsync(Continued(message, text));

    /// <summary>The message goes on in many small steps, in one append.</summary>
    public Task<long> DeltasAsync(string message, int count, string text = "word ") =>
        AppendAsync([.. Enumerable.Range(0, count).Select(_ => Continued(message, text))]);

    /// <summary>The message is whole; if its run has ended, the service says so.</summary>
    public Task<long> CompleteAsync(string message)
    {
        OpenMessages.Remove(message, out var run);
        var actor = OpenRuns.ContainsKey(run!) ? Subject.Agent("writer") : Subject.System;
        return AppendAsync(Make(EventTypes.MessageCompleted, new MessageCompleted(message, texts[message]), run, actor));
    }

    /// <summary>The text of a message so far.</summary>
    public string TextOf(string message) => texts[message];

    /// <summary>Goes on where the log is.</summary>
    public void GoOnAfter(IEnumerable<StoredEvent> events)
    {
        foreach (var e in events)
        {
            switch (e.Type)
            {
                case EventTypes.RunRequested when e.Read<RunRequested>() is var run:
                    OpenRuns[run.RunId] = run.AgentId;
                    break;
                case EventTypes.RunCompleted when e.Read<RunCompleted>() is var ended && OpenRuns.Remove(ended.RunId):
                    EndedRuns.Add(ended.RunId);
                    break;
                case EventTypes.MessageStarted when e.Read<MessageStarted>() is var started:
                    (OpenMessages[started.MessageId], texts[started.MessageId]) = (e.RunId!, "");
                    break;
                case EventTypes.MessageDelta when e.Read<MessageDelta>() is var delta
                    && texts.TryGetValue(delta.MessageId, out var text) && delta.Offset == text.Length:
                    texts[delta.MessageId] = text + delta.Text;
                    break;
                case EventTypes.MessageCompleted when e.Read<MessageCompleted>() is var completed:
                    OpenMessages.Remove(completed.MessageId);
                    break;
            }
        }
    }

    /// <summary>An event that is not stored yet.</summary>
    public NewEvent Make<T>(string type, T data, string? run = null, Subject? actor = null)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(data, ContractsJson.WireType<T>());
        var eventId = NextId("event");
        return new NewEvent(eventId, EventTypes.LaneOf(type)!.Value, EventBody.Write(eventId, type, TestEvents.Time, actor ?? Subject.User("ada"), json, run));
    }

    public async Task<long> AppendAsync(params NewEvent[] events) =>
        (await log.AppendAsync(Key, events, expectedState: null, TestContext.Current.CancellationToken)).LastSequence;

    private NewEvent Said(string text) =>
        Make(EventTypes.MessageCreated, new MessageCreated(NextId("message"), MessageRole.User, text));

    private NewEvent Continued(string message, string text)
    {
        var offset = texts[message].Length;
        texts[message] += text;
        return Make(EventTypes.MessageDelta, new MessageDelta(message, text, offset), OpenMessages[message], Subject.Agent("writer"));
    }

    private string NextId(string kind) => $"{prefix}{kind}-{++lastId}";

    private static Participant ParticipantOf(string user) =>
        new() { Kind = SubjectKind.User, Id = user, Role = ParticipantRole.Member };
}
