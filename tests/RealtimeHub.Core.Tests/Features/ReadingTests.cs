using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Tests.Node;
using RealtimeHub.Specification;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>GetHistory and GetSnapshot.</summary>
public sealed class ReadingTests : World
{
    private static GetHistory History(string? after = null, string? before = null, int? limit = null, string? types = null) =>
        new() { Topic = C1, After = after, Before = before, Limit = limit, Types = types };

    [Fact]
    public async Task Snapshot_Participant_IsTheStateAndItsCursor()
    {
        await ConversationAsync();

        var value = Ok(await Node.Send(Olga, new GetSnapshot { Topic = C1 }));

        value.State.GetProperty("title").GetString().Should().Be("Refund");
        value.State.GetProperty("seq").GetInt64().Should().Be(Last.Sequence);
        Ok(await Node.Send(Olga, History(after: value.Cursor))).Events.Should().BeEmpty();
    }

    [Fact]
    public async Task Snapshot_AgentWithAnUnfinishedRun_SeesTheConversationUntilItEnds()
    {
        var run = await RunAsync();
        Ok(await Node.Send(Callers.Writer, new GetSnapshot { Topic = C1 }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Critic, new GetSnapshot { Topic = C1 }));

        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));

        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Writer, new GetSnapshot { Topic = C1 }));
    }

    [Fact]
    public async Task Snapshot_OtherKinds_AreForThoseWhoMay()
    {
        await AgentAsync();
        Ok(await Node.Send(Callers.Eve, new GetSnapshot { Topic = "agent:writer" }));
        Ok(await Node.Send(Callers.Writer, new GetSnapshot { Topic = "agent:writer" }));
        Ok(await Node.Send(Callers.Ada with { Scopes = [] }, new GetSnapshot { Topic = "user:ada" })); // no scope needed
        Ok(await Node.Send(Callers.Admin, new GetSnapshot { Topic = "tenant:acme" }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, new GetSnapshot { Topic = "user:bob" }));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Ada, new GetSnapshot { Topic = "tenant:acme" }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Admin, new GetSnapshot { Topic = "tenant:globex" }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.OtherAdmin, new GetSnapshot { Topic = "tenant:acme" }));
    }

    [Fact]
    public async Task Read_Device_IsForThoseWhoManageDevices()
    {
        Ok(await Node.Send(Callers.Admin, new RevokeSessions { Subject = new Subject(SubjectKind.Device, "d1") }));

        Ok(await Node.Send(Callers.Ada, new GetSnapshot { Topic = "device:d1" }));
        Ok(await Node.Send(Callers.Ada, new GetHistory { Topic = "device:d1" })).Events.Should().ContainSingle();
        Ok(await Node.Send(Callers.Admin, new GetSnapshot { Topic = "device:d1" }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, new GetSnapshot { Topic = "device:d2" }));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.OtherAdmin, new GetSnapshot { Topic = "device:d1" }));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Ada.Without(Scopes.DevicesManage), new GetSnapshot { Topic = "device:d1" }));
    }

    [Theory]
    [InlineData("conversation:c1", Scopes.ConversationsRead)]
    [InlineData("agent:writer", Scopes.AgentsRead)]
    [InlineData("process:p1", Scopes.ProcessesRead)]
    [InlineData("device:d1", Scopes.DevicesManage)]
    [InlineData("tenant:acme", Scopes.Admin)]
    public async Task Read_WithoutTheScopeOfTheKind_IsForbiddenWhetherItExistsOrNot(string topic, string scope)
    {
        await ConversationAsync();
        var caller = Callers.Ada.Without(scope);

        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(caller, new GetSnapshot { Topic = topic }));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(caller, new GetHistory { Topic = topic }));
    }

    [Fact]
    public async Task Read_AgentTokenWithoutReadScope_OnlyWhatItsKindOfWorkTakes()
    {
        await RunAsync();

        Ok(await Node.Send(Callers.Writer, History()));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Writer, new GetSnapshot { Topic = "device:d1" }));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Writer, new GetSnapshot { Topic = "tenant:acme" }));
        // A token with agents but without events.publish reads nothing by them.
        foreach (var topic in (string[])["agent:writer", C1, "process:p1"])
        {
            await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Writer with { Scopes = [] }, new GetSnapshot { Topic = topic }));
            await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(
                Callers.Ada with { Scopes = [Scopes.EventsPublish] }, new GetSnapshot { Topic = topic }));
        }
    }

    [Fact]
    public async Task Read_AgentTokenOfAUser_WithoutReadScope_IsTheAgentsReadingAlone()
    {
        await RunAsync();
        await AgentAsync("critic");
        Ok(await Node.Send(Callers.Ada, new CreateConversation { Id = "private", Title = "T", Participants = [new() { Kind = SubjectKind.Role, Id = "support" }] }));
        var ada = Callers.Ada with { Scopes = [Scopes.EventsPublish], Agents = ["writer"], Roles = ["support"] };

        Ok(await Node.Send(ada, History()));
        Ok(await Node.Send(ada, new GetSnapshot { Topic = "agent:writer" }));
        foreach (var topic in (string[])["conversation:private", "agent:critic"])
        {
            await RefusedAsync(ErrorCode.NotFound, () => Node.Send(ada, new GetSnapshot { Topic = topic }));
            Ok(await Node.Send(ada with { Scopes = [.. ada.Scopes, Scopes.ConversationsRead, Scopes.AgentsRead] }, new GetSnapshot { Topic = topic }));
        }
    }

    [Fact]
    public async Task Snapshot_Malformed_NamesTheMember()
    {
        await InvalidAsync(() => Node.Send(Callers.Ada, new GetSnapshot { Topic = "robot:x" }), "topic");
        await InvalidAsync(() => Node.Send(Callers.Ada, new GetSnapshot { Topic = null! }), "topic");
    }

    [Fact]
    public async Task History_Neither_AscendsFromTheEarliest()
    {
        await MessagesAsync(5);

        var page = Ok(await Node.Send(Callers.Ada, History(limit: 4)));

        page.Events.Select(TypeOf).Should().Equal(EventTypes.ConversationCreated, EventTypes.MessageCreated, EventTypes.MessageCreated, EventTypes.MessageCreated);
        page.HasMore.Should().BeTrue();
        var rest = Ok(await Node.Send(Callers.Ada, History(after: page.Cursor)));
        rest.Events.Should().HaveCount(2);
        rest.HasMore.Should().BeFalse();
        Ok(await Node.Send(Callers.Ada, History(after: ""))).Events.Should().HaveCount(6);
    }

    [Fact]
    public async Task History_Events_AreAsClientsSeeThem()
    {
        await ConversationAsync();

        var e = Ok(await Node.Send(Callers.Ada, History())).Events[0].Deserialize(ContractsJson.WireType<Event>())!;

        (e.Seq, e.Id, e.Type, e.Time, e.Actor).Should().Be((Last.Sequence, Last.Id, Last.Type, Last.Time, Last.Actor));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task History_PagesUpAndDown_HaveEveryEventOnce(int limit)
    {
        await MessagesAsync(10);
        var all = Node.EventsOf(Conversation).Select(e => e.Sequence).ToList();

        (await PageAsync(limit, cursor => History(after: cursor, limit: limit))).Should().Equal(all);
        (await PageAsync(limit, cursor => History(before: cursor, limit: limit))).Should().Equal(all.AsEnumerable().Reverse());
    }

    [Fact]
    public async Task History_OpenMessage_HasItsDeltas()
    {
        var run = await RunAsync();
        await MessageAsync(run, "m1", complete: true);
        await MessageAsync(run, "m2", complete: false);

        var types = Ok(await Node.Send(Callers.Ada, History(types: "message.*"))).Events.Select(TypeOf);

        // The deltas of the complete one may be left out; those of the open one may not.
        types.Should().Equal(
            EventTypes.MessageStarted, EventTypes.MessageCompleted, EventTypes.MessageStarted, EventTypes.MessageDelta, EventTypes.MessageDelta);
        (await PageAsync(1, cursor => History(after: cursor, limit: 1, types: "message.*"))).Should().HaveCount(5);
        (await PageAsync(1, cursor => History(before: cursor, limit: 1, types: "message.*"))).Should().HaveCount(5);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(1000, false)]
    [InlineData(1000, true)]
    public async Task History_CompleteBesideOpen_HasDeltasOfTheOpenAlone(int limit, bool backward)
    {
        var (one, other) = (await RunAsync(), await AnotherRunAsync());
        await MessageAsync(one, "m1", complete: false);
        await MessageAsync(other, "m2", complete: false);
        Ok(await PublishAsync(
            Callers.Writer, Event(EventTypes.MessageDelta, new MessageDelta("m1", "c", 2), one),
            Event(EventTypes.MessageCompleted, new MessageCompleted("m1", "abc"), one)));
        var late = EventBody.Write(
            "late", EventTypes.MessageDelta, Node.Time.GetUtcNow(), Subject.Agent("writer"), """{ "messageId": "m1", "text": "d", "offset": 3 }"""u8, one);
        await Node.Log.AppendAsync(
            new TopicKey(Callers.Tenant, Conversation), [new NewEvent("late", Lane.Stream, late)], expectedState: null, TestContext.Current.CancellationToken);

        var shown = await PageAsync(limit, cursor => backward
            ? History(before: cursor, limit: limit, types: "message.delta")
            : History(after: cursor, limit: limit, types: "message.delta"));

        var deltas = Node.EventsOf(Conversation).Where(e => e.Type == EventTypes.MessageDelta && e.RunId == other).Select(e => e.Sequence);
        shown.Order().Should().Equal(deltas);
    }

    [Theory]
    [InlineData("message.created", 2)]
    [InlineData("message.*", 2)]
    [InlineData("conversation.created,message.*", 3)]
    [InlineData("custom.note", 0)]
    [InlineData("", 3)]
    public async Task History_Types_ShowsThoseAlone(string types, int expected)
    {
        await MessagesAsync(2);

        Ok(await Node.Send(Callers.Ada, History(types: types))).Events.Should().HaveCount(expected);
        Ok(await Node.Send(Callers.Ada, History(before: "", types: types))).Events.Should().HaveCount(expected);
    }

    [Theory]
    [InlineData("custom.order-v2.*", "custom.order-v2.placed")]
    [InlineData("custom.Order_3.*", "custom.Order_3.placed")]
    public async Task History_WildcardOfACustomType_ShowsThoseAlone(string types, string type)
    {
        await RunAsync();
        Ok(await PublishAsync(Callers.Ada, new PublishedEvent { Type = type, Data = Json("1") }, new PublishedEvent { Type = "custom.note", Data = Json("2") }));

        Ok(await Node.Send(Callers.Ada, History(types: types))).Events.Select(TypeOf).Should().Equal(type);
    }

    [Fact]
    public async Task History_CursorOfAnotherEpochOrTopic_IsGone()
    {
        await ConversationAsync();
        await ConversationAsync("c2");
        var other = Ok(await Node.Send(Callers.Ada, new GetSnapshot { Topic = "conversation:c2" })).Cursor;
        var foreign = Cursor.Start(99, new TopicKey(Callers.Tenant, Conversation)).ToString();

        await RefusedAsync(ErrorCode.Gone, () => Node.Send(Callers.Ada, History(after: other)));
        await RefusedAsync(ErrorCode.Gone, () => Node.Send(Callers.Ada, History(before: other)));
        await RefusedAsync(ErrorCode.Gone, () => Node.Send(Callers.Ada, History(after: foreign)));
    }

    [Fact]
    public async Task History_Malformed_NamesTheMember()
    {
        var cursor = Cursor.Start(1, new TopicKey(Callers.Tenant, Conversation)).ToString();
        await InvalidAsync(() => Node.Send(Callers.Ada, History() with { Topic = "c1" }), "topic");
        await InvalidAsync(() => Node.Send(Callers.Ada, History(after: "x")), "after");
        await InvalidAsync(() => Node.Send(Callers.Ada, History(before: "x")), "before");
        await InvalidAsync(() => Node.Send(Callers.Ada, History(after: cursor, before: cursor)), "before");
        await InvalidAsync(() => Node.Send(Callers.Ada, History(limit: 0)), "limit");
        await InvalidAsync(() => Node.Send(Callers.Ada, History(limit: 1001)), "limit");
        await InvalidAsync(() => Node.Send(Callers.Ada, History(types: "message.teleported")), "types");
        await InvalidAsync(() => Node.Send(Callers.Ada, History(types: "message.created,")), "types");
        await InvalidAsync(() => Node.Send(Callers.Ada, History(types: "*")), "types");
        await InvalidAsync(() => Node.Send(Callers.Ada, History(types: "custom.a b.*")), "types");
    }

    private async Task<List<long>> PageAsync(int limit, Func<string, GetHistory> request)
    {
        var (found, cursor, more) = (new List<long>(), "", true);
        while (more)
        {
            var page = Ok(await Node.Send(Callers.Ada, request(cursor)));
            page.Events.Count.Should().BeLessThanOrEqualTo(limit);
            found.AddRange(page.Events.Select(e => e.GetProperty("seq").GetInt64()));
            (cursor, more) = (page.Cursor, page.HasMore);
        }

        return found;
    }

    private async Task MessagesAsync(int count)
    {
        await ConversationAsync();
        for (var i = 0; i < count; i++)
        {
            await ConversationAsync($"other{i}"); // sequences of a topic are not contiguous
            Ok(await Node.Send(Callers.Ada, new SendMessage { ConversationId = "c1", Text = $"{i}" }));
        }
    }

    private async Task MessageAsync(string run, string id, bool complete)
    {
        Ok(await PublishAsync(
            Callers.Writer, Event(EventTypes.MessageStarted, new MessageStarted(id, MessageRole.Assistant), run),
            Event(EventTypes.MessageDelta, new MessageDelta(id, "a", 0), run), Event(EventTypes.MessageDelta, new MessageDelta(id, "b", 1), run)));
        if (complete)
        {
            Ok(await PublishAsync(Callers.Writer, Event(EventTypes.MessageCompleted, new MessageCompleted(id, "ab"), run)));
        }
    }

    private static string TypeOf(JsonElement e) => e.GetProperty("type").GetString()!;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task History_LongEvents_PagesEndEarlyAndLeaveNothingOut(bool backward)
    {
        await ConversationAsync();
        var text = new string('x', 500 * 1024);
        for (var i = 0; i < 12; i++)
        {
            await Node.Log.AppendAsync(
                new TopicKey(Callers.Tenant, Conversation), [TestEvents.State($"{i}", text)], expectedState: null, TestContext.Current.CancellationToken);
        }

        var (pages, cursor) = (new List<History>(), "");
        do
        {
            pages.Add(Ok(await Node.Send(Callers.Ada, backward ? History(before: cursor, limit: 1000) : History(after: cursor, limit: 1000))));
            cursor = pages[^1].Cursor;
        }
        while (pages[^1].HasMore);

        pages.Should().HaveCount(2);
        var ids = pages.SelectMany(p => p.Events).Select(e => e.GetProperty("id").GetString()).ToList();
        ids.Should().HaveCount(13).And.Contain(Enumerable.Range(0, 12).Select(i => $"{i}")).And.OnlyHaveUniqueItems();
    }
}
