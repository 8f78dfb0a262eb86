using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>A node with a conversation of ada (owner), bob (member) and olga (observer), and the agent <c>writer</c> that everybody may operate.</summary>
public abstract class World : IAsyncDisposable
{
    internal const string C1 = "conversation:c1";

    internal CoreNode Node { get; } = new();

    internal static Topic Conversation { get; } = Topic.Conversation("c1");

    internal static Topic WriterTopic { get; } = Topic.Agent("writer");

    internal static Caller Olga { get; } = Callers.User("olga");

    /// <summary>How many events the log has.</summary>
    internal int Count => Node.Log.Events.Count;

    internal StoredEvent Last => Node.Log.Events[^1];

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Node.DisposeAsync();
    }

    internal async Task ConversationAsync(string id = "c1")
    {
        Ok(await Node.Send(Callers.Ada, new CreateConversation
        {
            Id = id, Title = "Refund", Participants = [Person("bob", ParticipantRole.Member), Person("olga", ParticipantRole.Observer)],
        }));
    }

    internal async Task AgentAsync(string id = "writer", params AccessGrant[] grants) =>
        Ok(await Node.Send(Callers.Admin, new RegisterAgent
        {
            AgentId = id, Name = id, Grants = grants.Length > 0 ? grants : [new AccessGrant(Subject.Role("*"), Permission.Operate)],
        }));

    /// <summary>The conversation, the agent, and a run of it there; its id.</summary>
    internal async Task<string> RunAsync(bool start = true)
    {
        await ConversationAsync();
        await AgentAsync();
        return await AnotherRunAsync(start);
    }

    internal async Task<string> AnotherRunAsync(bool start = true)
    {
        var run = Ok(await Node.Send(Callers.Ada, new StartRun { AgentId = "writer", ConversationId = "c1", Input = Json("1") })).RunId;
        if (start)
        {
            Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunStarted, new RunStarted(run, "writer"))));
        }

        return run;
    }

    internal Task<Reply<PublishResult>> PublishAsync(Caller caller, params PublishedEvent[] events) =>
        Node.Send(caller, new PublishEvents { Topic = C1, Events = events });

    internal static PublishedEvent Event<T>(string type, T data, string? runId = null, string? id = null) =>
        new() { Type = type, Data = JsonSerializer.SerializeToElement(data, ContractsJson.WireType<T>()), RunId = runId, Id = id };

    internal static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    internal static Participant Person(string id, ParticipantRole? role = null) => new() { Kind = SubjectKind.User, Id = id, Role = role };

    internal static T Ok<T>(Reply<T> reply)
    {
        reply.Error.Should().BeNull();
        reply.Ok.Should().BeTrue();
        return reply.Value!;
    }

    /// <summary>The error of a request that must have failed with this code and appended nothing.</summary>
    internal async Task<Error> RefusedAsync<T>(ErrorCode code, Func<Task<Reply<T>>> send)
    {
        var before = Count;
        var reply = await send();
        reply.Ok.Should().BeFalse();
        reply.Seq.Should().BeNull();
        reply.Error!.Code.Should().Be(code, because: reply.Error.Message);
        Count.Should().Be(before);
        return reply.Error;
    }

    /// <summary>The error of a request that must have been found malformed, at these paths and no others.</summary>
    internal async Task InvalidAsync<T>(Func<Task<Reply<T>>> send, params string[] paths) =>
        (await RefusedAsync(ErrorCode.InvalidRequest, send)).Errors!.Keys.Should().BeEquivalentTo(paths);
}
