using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Tests.Features;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Folds;

/// <summary>Deltas from the backbone, which nobody checks before they are stored, are held to the limit of a text by the fold.</summary>
public sealed class LongTextTests : World
{
    private int deltas;

    public LongTextTests() => Node.Limits.AccumulatedTextBytes = 10;

    [Fact]
    public async Task Delta_OverTheLimit_EndsTheText()
    {
        var run = await OpenAsync();
        Append(run, "m1", "12345");
        Append(run, "m1", "67890é"); // over it
        Append(run, "m1", "6"); // would leave a hole

        Text(await Node.FoldAsync(Conversation), "m1").Should().Be("12345");
        (await DeltasAsync()).Should().Equal("12345");
    }

    [Fact]
    public async Task Delta_UpToTheLimit_IsTaken()
    {
        var run = await OpenAsync();
        Append(run, "m1", "12345");
        Append(run, "m2", "é");
        Append(run, "m1", "678é");

        Text(await Node.FoldAsync(Conversation), "m1").Should().Be("12345678é");
        (await DeltasAsync()).Should().Equal("12345", "é", "678é");
    }

    [Fact]
    public async Task Delta_FarOverTheLimit_IsNeverShown()
    {
        var run = await OpenAsync();
        Append(run, "m1", "1234567890");
        for (var i = 0; i < 1200; i++)
        {
            Append(run, "m1", "x");
        }

        Append(run, "m2", "whole");

        (await DeltasAsync()).Should().Equal("1234567890", "whole");
    }

    [Fact]
    public async Task Completed_AfterTheLimit_HealsTheTextAndIsForgotten()
    {
        var run = await OpenAsync();
        Append(run, "m1", "12345678901");
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.MessageCompleted, new MessageCompleted("m1", "whole"), run)));
        Ok(await PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run))));

        var fold = await Node.FoldAsync(Conversation);

        fold.StateAs<Core.Features.Conversations.ConversationState>().Messages.Find("m1")!.Text.Should().Be("whole");
    }

    [Fact]
    public async Task Delta_OfAnIdThatIsNoText_IsPassedOver()
    {
        var run = await OpenAsync();
        AppendRaw(run, """{"messageId":"\ud800","text":"x"}""");
        AppendRaw(run, "[]");
        Append(run, "m1", "Hi");

        Text(await Node.FoldAsync(Conversation), "m1").Should().Be("Hi");
    }

    private async Task<string> OpenAsync()
    {
        var run = await RunAsync();
        Ok(await PublishAsync(
            Callers.Writer, Event(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), run),
            Event(EventTypes.MessageStarted, new MessageStarted("m2", MessageRole.Assistant), run)));
        return run;
    }

    private void Append(string run, string message, string text) => AppendRaw(run, $$"""{"messageId":"{{message}}","text":"{{text}}"}""");

    private void AppendRaw(string run, string data)
    {
        var id = $"delta-{++deltas}";
        var body = EventBody.Write(
            id, EventTypes.MessageDelta, Node.Time.GetUtcNow(), Subject.Agent("writer"), System.Text.Encoding.UTF8.GetBytes(data), run);
        Node.Log.Append(new TopicKey(Callers.Tenant, Conversation), [new NewEvent(id, Lane.Stream, body)], expectedState: null);
    }

    private async Task<IEnumerable<string>> DeltasAsync() =>
        Ok(await Node.Send(Callers.Ada, new GetHistory { Topic = C1, Types = EventTypes.MessageDelta, Limit = 1000 }))
            .Events.Select(e => e.GetProperty("data").GetProperty("text").GetString()!);

    private static string Text(TopicFold fold, string message) => ((IHasRuns)fold.State).Runs.Items[message].Text.ToString();
}
