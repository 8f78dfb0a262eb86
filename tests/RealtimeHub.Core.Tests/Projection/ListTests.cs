using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Features;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Projection;

public sealed class ListTests : World
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Conversations_Entry_IsItsScalarsTopicAndUpdatedAt()
    {
        await Node.StartAsync();
        await CreateAsync("c1", Callers.Ada, new Dictionary<string, string> { ["team"] = "support" });
        Node.Time.Advance(TimeSpan.FromSeconds(5));
        Ok(await Node.Send(Callers.Ada, new SendMessage { ConversationId = "c1", Text = "Hi" }));

        var page = await PageAsync(Callers.Ada);

        page.Next.Should().BeNull();
        page.Items.Should().ContainSingle().Which.GetRawText().Should().Be(
            """{"topic":"conversation:c1","id":"c1","title":"c1","archived":false,"labels":{"team":"support"},"updatedAt":"2026-01-02T03:04:10.678Z"}""");
    }

    [Fact]
    public async Task Conversations_Order_IsNewestActivityFirst()
    {
        await Node.StartAsync();
        foreach (var id in (string[])["a", "b", "c"])
        {
            await CreateAsync(id, Callers.Ada);
            Node.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Ok(await Node.Send(Callers.Ada, new SendMessage { ConversationId = "a", Text = "Hi" }));

        (await PageAsync(Callers.Ada)).Items.Select(Id).Should().Equal("a", "c", "b");
    }

    [Fact]
    public async Task Conversations_Order_IsTheLogs_WhateverTimePublishersGive()
    {
        await Node.StartAsync();
        var run = await RunAsync();
        await CreateAsync("b", Callers.Ada);
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run)) with { Time = Node.Time.GetUtcNow() - TimeSpan.FromMinutes(8) }));

        (await PageAsync(Callers.Ada)).Items.Select(Id).Should().Equal("c1", "b");
    }

    [Fact]
    public async Task Conversations_Permission_ShowsEachOnlyWhatItMaySee()
    {
        await Node.StartAsync();
        await ConversationAsync();
        await CreateAsync("eves", Callers.Eve);
        Ok(await Node.Send(Callers.Eve, new CreateConversation
        {
            Id = "team",
            Title = "T",
            Participants = [new() { Kind = SubjectKind.Role, Id = "support", Role = ParticipantRole.Observer }],
        }));
        Ok(await Node.Send(Callers.OtherAdmin, new CreateConversation { Id = "foreign", Title = "T" }));

        (await IdsAsync(Callers.Ada)).Should().BeEquivalentTo("c1");
        (await IdsAsync(Olga)).Should().BeEquivalentTo("c1");
        (await IdsAsync(Olga.InRole("support"))).Should().BeEquivalentTo("c1", "team");
        (await IdsAsync(Callers.Eve)).Should().BeEquivalentTo("eves", "team");
        (await IdsAsync(Callers.Admin)).Should().BeEquivalentTo("c1", "eves", "team");
        (await IdsAsync(Callers.OtherAdmin)).Should().BeEquivalentTo("foreign");
    }

    [Fact]
    public async Task Conversations_WhoLeft_SeesItNoMore()
    {
        await Node.StartAsync();
        await ConversationAsync();
        (await IdsAsync(Callers.Bob)).Should().Equal("c1");

        Ok(await Node.Send(Callers.Bob, new RemoveParticipant { ConversationId = "c1", Participant = Person("bob") }));

        (await IdsAsync(Callers.Bob)).Should().BeEmpty();
    }

    [Fact]
    public async Task Conversations_AgentWithAnOpenRun_SeesItUntilItEnds()
    {
        await Node.StartAsync();
        var run = await RunAsync();
        var reader = Callers.Writer with { Scopes = [Scopes.ConversationsRead, Scopes.EventsPublish] };
        (await IdsAsync(reader)).Should().Equal("c1");

        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));

        (await IdsAsync(reader)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("team", "a", "b")]
    [InlineData("team=red", "a")]
    [InlineData("team=blue=ish", "b")]
    [InlineData("team=", "e")]
    [InlineData("team=re")]
    [InlineData("other")]
    public async Task Conversations_Label_ShowsThoseAlone(string label, params string[] expected)
    {
        await Node.StartAsync();
        await CreateAsync("a", Callers.Ada, new Dictionary<string, string> { ["team"] = "red" });
        await CreateAsync("b", Callers.Ada, new Dictionary<string, string> { ["team"] = "blue=ish", ["x"] = "y" });
        await CreateAsync("c", Callers.Ada);
        if (expected.Contains("e"))
        {
            await CreateAsync("e", Callers.Ada, new Dictionary<string, string> { ["team"] = "" });
        }

        await Node.ProjectedAsync();
        var page = Ok(await Node.Send(Callers.Ada, new ListConversations { Label = label }));

        page.Items.Select(Id).Should().BeEquivalentTo(expected);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(200)]
    public async Task Conversations_Pages_HaveEveryOneOnce(int limit)
    {
        for (var i = 0; i < 120; i++)
        {
            await CreateAsync($"c{i}", i % 3 == 0 ? Callers.Bob : Callers.Ada);
            if (i % 4 == 0)
            {
                Node.Time.Advance(TimeSpan.FromMilliseconds(1)); // several of the same time
            }
        }

        await Node.StartAsync();
        await Node.ProjectedAsync();
        var (found, next) = (new List<JsonElement>(), (string?)null);
        do
        {
            var page = Ok(await Node.Send(Callers.Ada, new ListConversations { Limit = limit, After = next }));
            page.Items.Count.Should().BeLessThanOrEqualTo(limit);
            found.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);

        found.Select(Id).Should().BeEquivalentTo(Enumerable.Range(0, 120).Where(i => i % 3 != 0).Select(i => $"c{i}"));
        found.Select(i => i.GetProperty("updatedAt").GetDateTimeOffset()).Should().BeInDescendingOrder();
    }

    [Fact]
    public async Task Conversations_NoLimit_ShowsFiftyAtATime()
    {
        for (var i = 0; i < 51; i++)
        {
            await CreateAsync($"c{i}", Callers.Ada);
        }

        await Node.StartAsync();

        var page = await PageAsync(Callers.Ada);
        page.Items.Should().HaveCount(50);
        page.Next.Should().NotBeNull();
        Ok(await Node.Send(Callers.Ada, new ListConversations { After = "" })).Items.Should().HaveCount(50);
    }

    [Fact]
    public async Task Conversations_RebuiltFromTheBeginning_AreTheSame()
    {
        await Node.StartAsync();
        await ConversationAsync();
        var before = await PageAsync(Callers.Ada);
        await Node.StopAsync();
        await Node.Documents.DeleteAsync("projector.position", expectedRevision: null, TestContext.Current.CancellationToken);
        await Node.Documents.DeleteAsync("idx.acme.conversation.c1", expectedRevision: null, TestContext.Current.CancellationToken);

        await Node.StartAsync();

        (await PageAsync(Callers.Ada)).Items.Select(i => i.GetRawText()).Should().Equal(before.Items.Select(i => i.GetRawText()));
    }

    [Fact]
    public async Task Conversations_WhatTheLogHasLost_IsNotListed()
    {
        await Node.StartAsync();
        await ConversationAsync();
        await Node.ProjectedAsync();
        var kept = Last.Sequence;
        await CreateAsync("c2", Callers.Ada);
        await Node.ProjectedAsync();
        await Node.StopAsync();
        Node.Log.RollBack(kept);

        await using var restarted = new CoreNode(Node);
        await restarted.StartAsync();
        await restarted.UntilAsync(async () =>
        {
            restarted.Time.Advance(TimeSpan.FromSeconds(1)); // it looks twice, a second apart
            return await restarted.Documents.ListAsync("idx.acme.conversation.", Token).CountAsync(Token) == 1;
        });
    }

    [Fact]
    public async Task Conversations_TitleFromTheBackboneIsHuge_DoesNotStopTheOthers()
    {
        await ConversationAsync();
        var data = JsonSerializer.SerializeToUtf8Bytes(
            new ConversationUpdated(new string('\u0001', 200_000), Labels: null), ContractsJson.WireType<ConversationUpdated>());
        var body = EventBody.Write("huge", EventTypes.ConversationUpdated, Node.Time.GetUtcNow(), Subject.User("ada"), data);
        await Node.Log.AppendAsync(
            new TopicKey(Callers.Tenant, Conversation), [new NewEvent("huge", Lane.State, body)], expectedState: null, TestContext.Current.CancellationToken);
        await CreateAsync("c2", Callers.Ada);

        await Node.StartAsync();

        (await IdsAsync(Callers.Ada)).Should().Contain("c2");
    }

    [Fact]
    public async Task Agents_Grants_ShowEachOnlyWhatItMaySee()
    {
        await Node.StartAsync();
        await AgentAsync("open", new AccessGrant(Subject.Role("*"), Permission.View));
        await AgentAsync("bobs", new AccessGrant(Subject.User("bob"), Permission.Operate));
        await AgentAsync("writer", new AccessGrant(Subject.Role("authors"), Permission.Operate));
        await Node.ProjectedAsync();

        (await AgentsAsync(Callers.Ada)).Should().BeEquivalentTo("open");
        (await AgentsAsync(Callers.Bob)).Should().BeEquivalentTo("open", "bobs");
        (await AgentsAsync(Callers.Ada.InRole("authors"))).Should().BeEquivalentTo("open", "writer");
        (await AgentsAsync(Callers.Writer with { Scopes = [Scopes.AgentsRead] })).Should().BeEquivalentTo("open", "writer");
        (await AgentsAsync(Callers.Admin)).Should().BeEquivalentTo("open", "bobs", "writer");
        (await AgentsAsync(Callers.OtherAdmin)).Should().BeEmpty();
        var item = Ok(await Node.Send(Callers.Bob, new ListAgents())).Items.Single(i => Id(i) == "bobs");
        item.GetRawText().Should().Be(
            """{"topic":"agent:bobs","id":"bobs","name":"bobs","description":"","status":"offline","updatedAt":"2026-01-02T03:04:05.678Z"}""");
    }

    [Fact]
    public async Task Lists_WithoutScope_AreForbidden()
    {
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Ada.Without(Scopes.ConversationsRead), new ListConversations()));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Ada.Without(Scopes.AgentsRead), new ListAgents()));
    }

    [Fact]
    public async Task Lists_Malformed_NameTheMember()
    {
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListConversations { Limit = 0 }), "limit");
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListConversations { Limit = 201 }), "limit");
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListConversations { After = "?" }), "after");
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListConversations { After = "AAAA" }), "after");
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListConversations { Label = "" }), "label");
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListConversations { Label = new('x', 322) }), "label");
        await InvalidAsync(() => Node.Send(Callers.Ada, new ListAgents { Limit = -1, After = "!" }), "limit", "after");
    }

    private async Task CreateAsync(string id, Caller owner, Dictionary<string, string>? labels = null) =>
        Ok(await Node.Send(owner, new CreateConversation { Id = id, Title = id, Labels = labels }));

    private async Task<ListPage> PageAsync(Caller caller)
    {
        await Node.ProjectedAsync();
        return Ok(await Node.Send(caller, new ListConversations()));
    }

    private async Task<IEnumerable<string>> IdsAsync(Caller caller) => (await PageAsync(caller)).Items.Select(Id);

    private async Task<IEnumerable<string>> AgentsAsync(Caller caller) => Ok(await Node.Send(caller, new ListAgents())).Items.Select(Id);

    private static string Id(JsonElement item) => item.GetProperty("id").GetString()!;
}
