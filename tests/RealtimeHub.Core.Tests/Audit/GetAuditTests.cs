using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Audit;

public sealed class GetAuditTests : AuditWorld
{
    [Fact]
    public async Task Get_SuccessesAndRefusals_AreOneListNewestFirst()
    {
        await Node.StartAsync();
        await CreateAsync("c1");
        Node.Time.Advance(TimeSpan.FromSeconds(1));
        await Node.Send(Callers.Bob, new SendMessage { ConversationId = "c1", Text = "secret words" });
        await UntilKeptAsync(2);
        Node.Time.Advance(TimeSpan.FromSeconds(1));
        var sent = (await Node.Send(Callers.Ada, new SendMessage { ConversationId = "c1", Text = "secret words" })).Seq;
        await UntilKeptAsync(3);

        var items = (await AuditAsync()).Items;

        items.Select(i => (i.Actor.Id, i.Request, i.Outcome, i.Type)).Should().Equal(
            ("ada", "SendMessage", "ok", "message.created"), ("bob", "SendMessage", "not_found", null),
            ("ada", "CreateConversation", "ok", "conversation.created"));
        items.Should().AllSatisfy(i => (i.Topic, i.Surface).Should().Be(("conversation:c1", "operator_hub")));
        items[0].Seq.Should().Be(sent);
        items[1].Seq.Should().BeNull();
        await foreach (var document in Node.Documents.ListAsync("audit.", TestContext.Current.CancellationToken))
        {
            System.Text.Encoding.UTF8.GetString(document.Value.Span).Should().NotContain("secret");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(200)]
    public async Task Get_PageByPage_ShowsEachRecordOnce(int limit)
    {
        await Node.StartAsync();
        var start = Node.Time.GetUtcNow();
        for (var i = 0; i < 40; i++)
        {
            Deny(i, time: start.AddMinutes(-20 * (i / 2))); // two at a time, over many hours
        }

        await Node.StopAsync();
        var items = await AllAsync(limit);

        items.Should().HaveCount(40).And.OnlyHaveUniqueItems(i => i.Actor.Id).And.BeInDescendingOrder(i => i.Time);
    }

    [Fact]
    public async Task Get_ByTopicAndActor_ShowsThoseAlone()
    {
        await Node.StartAsync();
        await CreateAsync("c1");
        await CreateAsync("c2");
        Deny(1);
        await UntilKeptAsync(3);

        (await AuditAsync(new GetAudit { Topic = "conversation:c2" })).Items.Should().ContainSingle().Which.Topic.Should().Be("conversation:c2");
        (await AuditAsync(new GetAudit { Topic = "conversation:c1" })).Items.Should().HaveCount(2);
        (await AuditAsync(new GetAudit { Actor = "user:u1" })).Items.Should().ContainSingle().Which.Outcome.Should().Be("forbidden");
        (await AuditAsync(new GetAudit { Actor = "agent:u1" })).Items.Should().BeEmpty();
    }

    [Fact]
    public async Task Get_OfAnotherTenant_ShowsNothing()
    {
        await Node.StartAsync();
        await CreateAsync("c1");
        Deny(1);
        await UntilKeptAsync(2);

        (await AuditAsync(caller: Callers.OtherAdmin)).Should().BeEquivalentTo(new AuditPage([]));
    }

    [Fact]
    public async Task Get_ByAnybodyButAnAdmin_IsForbidden()
    {
        var reply = await Node.SendAsync<GetAudit, AuditPage>(Callers.Ada with { Surface = Surface.Http }, new GetAudit());

        reply.Error!.Code.Should().Be(ErrorCode.Forbidden);
    }

    [Fact]
    public async Task Projector_BeginningAnew_ShowsNothingTwice()
    {
        await Node.StartAsync();
        await CreateAsync("c1");
        await UntilKeptAsync(1);
        await CreateAsync("c2");
        await UntilKeptAsync(2);
        await Node.StopAsync();
        await Node.Documents.DeleteAsync("projector.position", expectedRevision: null, TestContext.Current.CancellationToken);

        await RestartAsync();
        await Node.StartAsync();
        await Node.ProjectedAsync();

        (await AllAsync(1)).Select(i => i.Topic).Should().BeEquivalentTo("conversation:c1", "conversation:c2");
    }

    [Fact]
    public async Task Publishing_Successes_AreNotRecordedOneByOne()
    {
        await Node.StartAsync();
        await CreateAsync("c1");
        await Node.SendAsync<PublishEvents, PublishResult>(Callers.Ada with { Surface = Surface.Http }, new PublishEvents
        {
            Topic = "conversation:c1",
            Events = [new PublishedEvent { Type = "custom.note", Data = System.Text.Json.JsonDocument.Parse("{}").RootElement }],
        });
        await Node.ProjectedAsync();

        (await AuditAsync()).Items.Should().ContainSingle();
    }

    private async Task CreateAsync(string id) =>
        (await Node.Send(Callers.Ada, new CreateConversation { Id = id, Title = "Refund" })).Ok.Should().BeTrue();
}
