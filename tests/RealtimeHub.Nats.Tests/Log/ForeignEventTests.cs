using System.Text;
using NATS.Client.Core;
using NATS.Client.JetStream;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.Specification.Log;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>What a service that knows NATS alone puts into the stream, as the protocol says.</summary>
public sealed class ForeignEventTests(SharedNats nats) : IAsyncLifetime
{
    private const string Said =
        """{ "data": { "messageId": "m1", "role": "user", "text": "Hello", "mood": "good" }, "type": "message.created", "actor": { "kind": "system", "id": "crm" }, "id": "e1", "seq": 7 }""";

    private readonly Deployment deployment = new(nats.Url);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic { get; } = new("acme", Contracts.Topic.Conversation("talk"));

    public async ValueTask InitializeAsync() => await deployment.Log.GetHeadAsync(Token);

    public ValueTask DisposeAsync() => deployment.DisposeAsync();

    [Fact]
    public async Task Event_WithoutATime_IsReadAlikeByWhoeverReads_AndHasTheStreams()
    {
        var before = TimeProvider.System.GetUtcNow();
        await PublishAsync("acme.conversation.talk.state", Said);

        var read = (await deployment.Log.ReadAsync(Topic, new LogRange(10), Token)).Single();
        await using var tail = new TailReader(deployment.Log, 0);
        var followed = (await tail.TakeAsync(1)).Single();

        (read.Id, read.Type, read.Actor, read.Lane).Should().Be(("e1", EventTypes.MessageCreated, new Subject(SubjectKind.System, "crm"), Lane.State));
        read.Time.Should().BeCloseTo(before, TimeSpan.FromSeconds(10));
        Encoding.UTF8.GetString(read.Body.Span).Should().Be(Encoding.UTF8.GetString(followed.Body.Span))
            .And.StartWith("""{"id":"e1",""").And.Contain("\"mood\"").And.NotContain("\"seq\"");
    }

    [Fact]
    public async Task Message_ThatIsNoEvent_AtTheEnd_LeavesNobodyBehind()
    {
        await using var tail = new TailReader(deployment.Log, 0);
        await PublishAsync("acme.conversation.talk.state", Said);
        await tail.TakeAsync(1);
        await PublishAsync("acme.conversation.talk.state", "no event");
        var next = tail.WaitAsync();

        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (deployment.Log.SkipFrom(1) < 2)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, deadline.Token);
        }

        deployment.Log.SkipFrom(0).Should().Be(0, "an event follows there");
        await PublishAsync("acme.conversation.talk.state", Said.Replace("e1", "e2", StringComparison.Ordinal));
        await next;
        (await tail.TakeAsync(1)).Single().Sequence.Should().Be(3);
        deployment.Log.SkipFrom(2).Should().Be(2);
        deployment.Log.SkipFrom(3).Should().Be(3);
    }

    [Fact]
    public async Task Event_ThatNamesItsRunInItsDataAlone_BelongsToIt()
    {
        await PublishAsync("acme.agent.writer.state", """
            { "id": "e1", "type": "run.started", "actor": { "kind": "agent", "id": "writer" }, "data": { "runId": "r1", "agentId": "writer" } }
            """);

        var read = (await deployment.Log.ReadAsync(new TopicKey("acme", Contracts.Topic.Agent("writer")), new LogRange(10), Token)).Single();

        read.RunId.Should().Be("r1");
    }

    [Fact]
    public async Task Event_PublishedTwice_OrAlsoByUs_IsThereOnce()
    {
        await PublishAsync("acme.conversation.talk.state", Said, Subjects.MessageId(Topic, "e1"));
        await PublishAsync("acme.conversation.talk.state", Said, Subjects.MessageId(Topic, "e1"));
        var ours = Specification.TestEvents.State("e1");

        (await deployment.Log.AppendAsync(Topic, [ours], null, Token)).Duplicates.Should().Be(1);

        (await deployment.Log.ReadAsync(Topic, new LogRange(10), Token)).Should().ContainSingle();
    }

    // As anybody makes it: printf 'acme\nconversation:talk\ne1' | sha256sum
    [Fact]
    public void MessageId_IsWhatTheProtocolSays() =>
        Subjects.MessageId(Topic, "e1").Should().Be("4253c4545af8c6eaae03232aa5a2df5309c2e0bd5dccbdcfcdfb0e6fb25c7aa2");

    [Theory]
    [InlineData("acme.conversation.talk.state", "not json")]
    [InlineData("acme.conversation.talk.state", "[]")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "message.created", "data": {} }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "no id", "type": "custom.a", "actor": { "kind": "system", "id": "crm" }, "data": {} }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "custom.a", "actor": { "kind": "system", "id": "no id" }, "data": {} }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "custom.a", "actor": { "kind": "nobody", "id": "crm" }, "data": {} }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "message.created", "actor": { "kind": "system", "id": "crm" }, "data": { "role": "user" } }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "message.sung", "actor": { "kind": "system", "id": "crm" }, "data": {} }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "custom.a", "time": "yesterday", "actor": { "kind": "system", "id": "crm" }, "data": {} }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "custom.a", "actor": { "kind": "system", "id": "crm" }, "data": { "a": "\ud800" } }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "message.delta", "actor": { "kind": "system", "id": "crm" }, "data": { "messageId": "m", "text": "a" } }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "run.requested", "actor": { "kind": "system", "id": "crm" }, "data": { "runId": "r1", "agentId": "writer.v2", "input": 1, "deadline": "2126-01-01T00:00:00Z" } }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "run.requested", "actor": { "kind": "system", "id": "crm" }, "data": { "runId": "r1", "agentId": "writer", "processId": ">", "input": 1, "deadline": "2126-01-01T00:00:00Z" } }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "run.started", "actor": { "kind": "system", "id": "crm" }, "data": { "runId": "r1", "agentId": "writer.v2" } }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "message.created", "actor": { "kind": "system", "id": "crm" }, "data": { "messageId": "m1", "role": "user", "text": "a", "artifactIds": ["a b"] } }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "conversation.created", "actor": { "kind": "system", "id": "crm" }, "data": { "title": "a", "participants": [{ "kind": "user", "id": "ada.l" }] } }""")]
    [InlineData("acme.conversation.talk.state", """{ "id": "e1", "type": "participant.joined", "actor": { "kind": "system", "id": "crm" }, "data": { "participant": { "kind": "user", "id": "*" } } }""")]
    [InlineData("acme.agent.writer.state", """{ "id": "e1", "type": "agent.registered", "actor": { "kind": "system", "id": "crm" }, "data": { "name": "a", "grants": [{ "subject": { "kind": "user", "id": "ada.l" }, "permission": "view" }] } }""")]
    [InlineData("acme.agent.writer.state", """{ "id": "e1", "type": "access.granted", "actor": { "kind": "system", "id": "crm" }, "data": { "subject": { "kind": "user", "id": "ada.l" }, "permission": "view" } }""")]
    [InlineData("acme.user.ada.state", """{ "id": "e1", "type": "sessions.revoked", "actor": { "kind": "system", "id": "crm" }, "data": { "subject": { "kind": "user", "id": "ada.l" }, "before": "2026-01-01T00:00:00Z" } }""")]
    [InlineData("acme.conversation.talk.stream", Said)]
    [InlineData("acme.conversation.talk.other", Said)]
    [InlineData("acme.planet.talk.state", Said)]
    [InlineData("acme.conversation.state", Said)]
    public async Task Event_ThatIsNone_IsSkippedCountedAndLogged_AndTheTailGoesOn(string subject, string body)
    {
        await PublishAsync("acme.conversation.talk.state", Said.Replace("e1", "e0", StringComparison.Ordinal));
        await PublishAsync(subject, body);
        await PublishAsync("acme.conversation.talk.state", Said);

        await SkippedAsync(sequence: 2, subject);
    }

    // With a header that only this service's own messages are meant to have.
    [Fact]
    public async Task Event_ThatIsNone_AndSaysItIsOurs_IsSkippedCountedAndLogged()
    {
        await PublishAsync("acme.conversation.talk.state", Said.Replace("e1", "e0", StringComparison.Ordinal));
        await PublishAsync("acme.conversation.talk.state", "no event", headers: new NatsHeaders { [StoredMessages.MetaHeader] = "{}" });
        await PublishAsync("acme.conversation.talk.state", Said);

        await SkippedAsync(sequence: 2, "acme.conversation.talk.state");
    }

    [Fact]
    public async Task Event_ForARoleThatIsEveryone_IsOne()
    {
        await PublishAsync("acme.conversation.talk.state", """
            { "id": "e1", "type": "participant.joined", "actor": { "kind": "system", "id": "crm" }, "data": { "participant": { "kind": "role", "id": "*" } } }
            """);

        (await deployment.Log.ReadAsync(Topic, new LogRange(10), Token)).Should().ContainSingle();
    }

    [Fact]
    public async Task Event_ThatIsTooLarge_IsSkipped()
    {
        var text = new string('a', 600_000);
        await PublishAsync("acme.conversation.talk.state", Said.Replace("e1", "e0", StringComparison.Ordinal));
        await PublishAsync("acme.conversation.talk.state", Said.Replace("Hello", text, StringComparison.Ordinal));
        await PublishAsync("acme.conversation.talk.state", Said);

        await SkippedAsync(sequence: 2, "acme.conversation.talk.state");
    }

    /// <summary>Of what stands between two events, nobody sees anything; it is said once, however often it is read.</summary>
    private async Task SkippedAsync(long sequence, string subject)
    {
        using var skipped = new SkippedCount();
        await using var tail = new TailReader(deployment.Log, 0);

        (await tail.TakeAsync(2)).Select(e => e.Id).Should().Equal("e0", "e1");
        (await deployment.Log.ReadAsync(Topic, new LogRange(10), Token)).Select(e => e.Id).Should().Equal("e0", "e1");

        skipped.Count.Should().Be(1);
        deployment.Said.Lines.Should().ContainSingle(line => line.Contains("is skipped", StringComparison.Ordinal))
            .Which.Should().Contain($"sequence {sequence} ").And.Contain(subject);
    }

    private async Task PublishAsync(string subject, string body, string? messageId = null, NatsHeaders? headers = null)
    {
        var backbone = deployment.Backbone;
        var prefix = backbone.Subjects.AllEvents[..^1];
        var ack = await backbone.JetStream.PublishAsync(
            prefix + subject, Encoding.UTF8.GetBytes(body), NatsRawSerializer<byte[]>.Default, new NatsJSPubOpts { MsgId = messageId }, headers, Token);
        ack.Error.Should().BeNull();
    }
}
