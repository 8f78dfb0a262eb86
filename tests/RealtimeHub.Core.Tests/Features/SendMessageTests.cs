using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

public sealed class SendMessageTests : World
{
    private static SendMessage Message(string text = "Hello 🌍") => new() { ConversationId = "c1", Text = text };

    [Fact]
    public async Task Send_Member_StoresAUserMessage()
    {
        await ConversationAsync();

        var reply = await Node.Send(Callers.Bob, Message() with { ArtifactIds = ["a1"], ReplyTo = "m0" });

        var id = Ok(reply).MessageId;
        reply.Seq.Should().Be(Last.Sequence);
        (Last.Type, Last.Actor).Should().Be((EventTypes.MessageCreated, Subject.User("bob")));
        Last.Read<MessageCreated>().Should().BeEquivalentTo(new MessageCreated(id, MessageRole.User, "Hello 🌍", ["a1"], "m0"));
        Ids.IsValid(id).Should().BeTrue();
    }

    [Fact]
    public async Task Send_Observer_IsForbidden()
    {
        await ConversationAsync();

        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Olga, Message()));
    }

    [Fact]
    public async Task Send_RoleParticipant_MayByItsRole()
    {
        Ok(await Node.Send(Callers.Ada, new CreateConversation
        {
            Id = "c1", Title = "T", Participants = [new() { Kind = SubjectKind.Role, Id = "support" }],
        }));

        Ok(await Node.Send(Callers.Eve.InRole("support"), Message()));
        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Eve.InRole("sales"), Message()));
    }

    [Fact]
    public async Task Send_Archived_IsConflict()
    {
        await ConversationAsync();
        await ArchiveAsync();

        await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Ada, Message()));
    }

    [Fact]
    public async Task Send_ManyAtOnce_AllAreStored()
    {
        await ConversationAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Node.Send(Callers.Ada, Message($"{i}"))));

        replies.Should().OnlyContain(r => r.Ok);
        replies.Select(r => r.Seq).Should().OnlyHaveUniqueItems();
        Node.EventsOf(Conversation).Should().HaveCount(9);
    }

    [Fact]
    public async Task Send_Malformed_NamesTheMember()
    {
        await InvalidAsync(() => Node.Send(Callers.Ada, Message() with { ConversationId = "" }), "conversationId");
        await InvalidAsync(() => Node.Send(Callers.Ada, Message("")), "text");
        await InvalidAsync(() => Node.Send(Callers.Ada, Message(null!)), "text");
        await InvalidAsync(() => Node.Send(Callers.Ada, Message() with { ArtifactIds = ["a1", "?"] }), "artifactIds[1]");
        await InvalidAsync(() => Node.Send(Callers.Ada, Message() with { ArtifactIds = [null!] }), "artifactIds", "artifactIds[0]");
        await InvalidAsync(() => Node.Send(Callers.Ada, Message() with { ArtifactIds = [.. Enumerable.Range(0, 33).Select(i => $"a{i}")] }), "artifactIds");
        await InvalidAsync(() => Node.Send(Callers.Ada, Message() with { ReplyTo = "?" }), "replyTo");
        await InvalidAsync(() => Node.Send(Callers.Ada, Message() with { IdempotencyKey = "" }), "idempotencyKey");
    }

    [Fact]
    public async Task Send_MoreThan32KiB_IsTooLarge()
    {
        await ConversationAsync();

        Ok(await Node.Send(Callers.Ada, Message(new string('é', 16 * 1024))));
        await RefusedAsync(ErrorCode.TooLarge, () => Node.Send(Callers.Ada, Message(new string('é', (16 * 1024) + 1))));
    }

    private async Task ArchiveAsync()
    {
        var body = EventBody.Write("arch", EventTypes.ConversationArchived, Node.Time.GetUtcNow(), Subject.User("ada"), Encoding.UTF8.GetBytes("{}"));
        await Node.Log.AppendAsync(
            new TopicKey(Callers.Tenant, Conversation), [new NewEvent("arch", Lane.State, body)], expectedState: null, TestContext.Current.CancellationToken);
    }
}
