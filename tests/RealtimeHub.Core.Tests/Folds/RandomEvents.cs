using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Tests.Folds;

/// <summary>What a busy, clumsy and sometimes hostile set of publishers could leave in a topic. The same for the same seed.</summary>
internal sealed class RandomEvents(int seed, int longest = 400)
{
    // Few ids, so that events meet.
    private static readonly string[] Runs = ["r1", "r2", "r3", "r4"];
    private static readonly string[] Things = ["i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8"];

    // One, two and four bytes of UTF-8; control characters and quotes, which JSON writes longer than they are.
    private static readonly string[] Pieces = ["a", "é", "漢", "🌍", "\u0001", "\"", "\\", "<", "\u2028", "e\u0301", "👩‍👩‍👧"];

    private readonly Random random = new(seed);

    /// <summary>Applies so many events of every type to a topic.</summary>
    public FoldUnderTest ApplyTo(FoldUnderTest fold, int count)
    {
        for (var i = 0; i < count; i++)
        {
            fold.Time += TimeSpan.FromMilliseconds(random.Next(90_000));
            ApplyNext(fold);
        }

        return fold;
    }

    private void ApplyNext(FoldUnderTest fold)
    {
        var run = Pick(Runs);
        var writer = random.Next(8) == 0 ? Subject.System : Subject.Agent("writer");
        var meta = random.Next(4) == 0 ? new EventMeta(Pick(Things), "body") : null;
        var origin = fold.Fold.Key.Topic.Kind == TopicKind.Tenant ? new EventOrigin(Pick(["agent:a1", "agent:a2", "conversation:c1"]), 7) : null;
        var type = Pick([.. EventTypes.Registered.Select(t => t.Name), EventTypes.MessageDelta, EventTypes.MessageDelta, "custom.x"]);
        var isEnd = type is EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCancelled;
        if (isEnd && random.Next(4) > 0)
        {
            return;
        }

        var data = DataOf(type, run);
        var belongs = type.StartsWith("conversation", StringComparison.Ordinal) || type.StartsWith("agent", StringComparison.Ordinal)
            || random.Next(20) == 0 ? null : run;
        fold.ApplyRaw(type, data, belongs, writer, meta, origin);
    }

    private string DataOf(string type, string run)
    {
        object? data = type switch
        {
            EventTypes.ConversationCreated => new ConversationCreated(Text(), [.. Enumerable.Range(0, random.Next(5)).Select(_ => Somebody())], Labels()),
            EventTypes.ConversationUpdated => new ConversationUpdated(random.Next(2) == 0 ? null : Text(), random.Next(2) == 0 ? null : Labels()),
            EventTypes.ConversationArchived => new ConversationArchived(),
            EventTypes.ParticipantJoined or EventTypes.ParticipantLeft => new ParticipantChanged(Somebody()),
            EventTypes.MessageCreated => new MessageCreated(Pick(Things) + random.Next(60), MessageRole.User, Text(), random.Next(2) == 0 ? null : ["a1"]),
            EventTypes.MessageStarted => new MessageStarted(Pick(Things), MessageRole.Assistant),
            EventTypes.MessageDelta => new MessageDelta(Pick(Things), Text()),
            EventTypes.MessageCompleted => new MessageCompleted(Pick(Things), Text()),
            EventTypes.ReasoningStarted => new ReasoningStarted(Pick(Things), Text()),
            EventTypes.ReasoningDelta => new ReasoningDelta(Pick(Things), Text()),
            EventTypes.ReasoningCompleted => new ReasoningCompleted(Pick(Things), Text()),
            EventTypes.ToolCallStarted => new ToolCallStarted(Pick(Things), Text(), Value()),
            EventTypes.ToolCallArgumentsDelta => new ToolCallArgumentsDelta(Pick(Things), Text()),
            EventTypes.ToolCallCompleted => new ToolCallCompleted(Pick(Things), Value(), Value(), random.Next(2) == 0),
            EventTypes.RunRequested => new RunRequested(run, "writer", Value(), DateTimeOffset.UnixEpoch),
            EventTypes.RunStarted => new RunStarted(run, "writer"),
            EventTypes.RunStepStarted or EventTypes.RunStepCompleted => new RunStep(run, Pick(Things), Text()),
            EventTypes.RunStalled or EventTypes.RunResumed => new RunLiveness(run, "agent_offline"),
            EventTypes.RunUsage => new RunUsage(run, random.Next(), random.Next(), 0.1m),
            EventTypes.RunCancelRequested => new RunCancelRequested(run, Text()),
            EventTypes.RunSteered => new RunSteered(run, Text()),
            EventTypes.RunCompleted => new RunCompleted(run, Value(), new Usage(1, 2)),
            EventTypes.RunFailed => new RunFailed(run, new RunError(Text(), Text())),
            EventTypes.RunCancelled => new RunCancelled(run, Text()),
            EventTypes.AgentRegistered => new AgentRegistered(Text(), Text(), [Text()], [new AccessGrant(Subject.User("ada"), Permission.View)]),
            EventTypes.AgentUpdated => new AgentUpdated(Text()),
            EventTypes.AgentStatusChanged => new AgentStatusChanged(AgentStatus.Busy),
            _ => null,
        };
        return data is null ? """{"x":[1]}""" : JsonSerializer.Serialize(data, ContractsJson.Wire.GetTypeInfo(data.GetType()));
    }

    private Participant Somebody() => new()
    {
        Kind = SubjectKind.User, Id = Pick(Things) + random.Next(100), Role = ParticipantRole.Member, DisplayName = random.Next(2) == 0 ? null : Text(),
    };

    private Dictionary<string, string> Labels() => Enumerable.Range(0, random.Next(4)).ToDictionary(i => $"k{i}", _ => Text());

    private JsonElement Value() => Json.Of($$"""{"v":{{JsonSerializer.Serialize(Text())}}}""");

    private string Text() => string.Concat(Enumerable.Range(0, LengthOf(random.Next(100))).Select(_ => Pick(Pieces)));

    private int LengthOf(int dice) => dice switch { < 30 => random.Next(4), < 97 => random.Next(longest / 10), _ => random.Next(longest) };

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
