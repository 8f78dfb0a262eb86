using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Client.Agents;
using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests;

public sealed class RunPublisherTests
{
    private readonly FakePublisher server = new();
    private readonly CountingTime time = new();
    private readonly RunPublisher publisher;

    public RunPublisherTests()
    {
        var queue = new PublishQueue("conversation:c1", "writer", server.PublishAsync, TimeProvider.System, CancellationToken.None);
        publisher = new RunPublisher("r1", "writer", queue, time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Message_WrittenBitByBit_CarriesOffsetsAndTheWhole()
    {
        var message = await publisher.BeginMessageAsync(Token);
        await message.AppendAsync("Grüß ", Token);
        await message.AppendAsync("Gott 😀", Token);
        await message.AppendAsync("!", Token);
        await message.CompleteAsync(cancellationToken: Token);
        await publisher.FlushAsync(Token).InTime();

        var events = server.Events().ToList();
        events.Select(e => e.Type).Should().Equal(
            "message.started", "message.delta", "message.delta", "message.delta", "message.completed");
        events.Skip(1).Take(3).Select(e => e.Data.GetProperty("offset").GetInt32()).Should().Equal(0, 5, 12);
        events[^1].Data.GetProperty("text").GetString().Should().Be("Grüß Gott 😀!");
        events.Should().OnlyContain(e => e.RunId == "r1");
        events.Select(e => e.Id).Distinct().Should().HaveCount(5);
    }

    [Fact]
    public async Task Message_SurrogatePairCutInTwo_WaitsForItsOtherHalf()
    {
        var message = await publisher.BeginMessageAsync(Token);
        await message.AppendAsync("a\ud83d", Token);
        await message.AppendAsync("\ude00b", Token);
        await message.AppendAsync("\ude00", Token); // half of nothing
        await message.CompleteAsync(cancellationToken: Token);
        await publisher.FlushAsync(Token).InTime();

        var deltas = server.Events().Where(e => e.Type == EventTypes.MessageDelta).ToList();
        deltas.Select(e => e.Data.GetProperty("text").GetString()).Should().Equal("a", "😀b", "\ufffd");
        deltas.Select(e => e.Data.GetProperty("offset").GetInt32()).Should().Equal(0, 1, 4);
    }

    [Fact]
    public async Task Message_LargerThanTheServerTakes_IsRefusedHere()
    {
        var message = await publisher.BeginMessageAsync(Token);
        await message.AppendAsync(new string('x', StreamedText.MaxBytes), Token);

        await FluentActions.Awaiting(() => message.AppendAsync("x", Token)).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task ToolCall_WithArgumentsWrittenByAModel_CarriesAllOfIt()
    {
        var call = await publisher.BeginToolCallAsync("search", cancellationToken: Token);
        await call.WriteArgumentsAsync("{\"q\":", Token);
        await call.WriteArgumentsAsync("1}", Token);
        call.SetArguments(Json.Of(new { q = 1 }));
        await call.CompleteAsync(Json.Of(new { hits = 1 }), cancellationToken: Token);
        await publisher.FlushAsync(Token).InTime();

        var events = server.Events().ToList();
        events.Select(e => e.Type).Should().Equal(
            "tool_call.started", "tool_call.arguments_delta", "tool_call.arguments_delta", "tool_call.completed");
        events[2].Data.GetProperty("offset").GetInt32().Should().Be(5);
        events[3].Data.GetProperty("arguments").GetProperty("q").GetInt32().Should().Be(1);
        events[3].Data.GetProperty("isError").GetBoolean().Should().BeFalse();
    }

    [Fact]
    public async Task Usage_MoreOftenThanTheProtocolTakes_TheNewestGoesWhenItsTimeHasCome()
    {
        await publisher.UsageAsync(new Usage(1, 1), Token);
        await publisher.FlushAsync(Token).InTime();
        await publisher.UsageAsync(new Usage(2, 2), Token);
        await publisher.UsageAsync(new Usage(3, 3), Token);
        await time.TimersMade(1).InTime();

        time.Advance(TimeSpan.FromSeconds(5));
        await publisher.FlushAsync(Token).InTime();
        Totals().Should().Equal(1);
        time.Advance(TimeSpan.FromSeconds(1));
        await time.TimersMade(2).InTime();
        Totals().Should().Equal(1, 3);

        time.Advance(TimeSpan.FromSeconds(10)); // nothing is new
        await publisher.UsageAsync(new Usage(4, 4), Token);
        await publisher.UsageAsync(new Usage(5, 5), Token);
        await publisher.CompletedAsync(Json.Of(new { answer = 42 }), Token).InTime();
        time.Advance(TimeSpan.FromSeconds(10));

        Totals().Should().Equal(1, 3, 4);
        var events = server.Events().ToList();
        events[^1].Data.GetProperty("usage").GetProperty("inputTokens").GetInt32().Should().Be(5);
        events[^1].Data.GetProperty("output").GetProperty("answer").GetInt32().Should().Be(42);
    }

    private IEnumerable<int> Totals() =>
        server.Events().Where(e => e.Type == EventTypes.RunUsage).Select(e => e.Data.GetProperty("inputTokens").GetInt32());

    [Fact]
    public async Task End_WithThingsOpen_CompletesThemAsCutOff()
    {
        var reasoning = await publisher.BeginReasoningAsync("Plan", Token);
        await reasoning.AppendAsync("I will", Token);
        var done = await publisher.BeginMessageAsync(Token);
        await done.CompleteAsync(cancellationToken: Token);
        await publisher.BeginToolCallAsync("search", Json.Of(new { }), Token);
        await publisher.CancelledAsync("enough", Token).InTime();

        var last = server.Events().TakeLast(3).ToList();
        last.Select(e => e.Type).Should().Equal("reasoning.completed", "tool_call.completed", "run.cancelled");
        last[0].Data.GetProperty("text").GetString().Should().Be("I will");
        last[0].Data.GetProperty("incomplete").GetBoolean().Should().BeTrue();
        last[1].Data.GetProperty("isError").GetBoolean().Should().BeTrue();
        last[2].Data.GetProperty("reason").GetString().Should().Be("enough");
    }

    [Fact]
    public async Task End_Twice_EndsOnce()
    {
        await publisher.FailedAsync("broken", "It broke.", Token).InTime();
        await publisher.CompletedAsync(cancellationToken: Token).InTime();

        server.Events().Select(e => e.Type).Should().Equal("run.failed");
        await FluentActions.Awaiting(() => publisher.BeginMessageAsync(Token)).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Everything_ThatIsPublished_IsOfARegisteredTypeThatBinds()
    {
        var step = await publisher.StepStartedAsync("Look", Token);
        await publisher.StepCompletedAsync(step, Token);
        var reasoning = await publisher.BeginReasoningAsync(cancellationToken: Token);
        await reasoning.CompleteAsync(cancellationToken: Token);
        await publisher.UsageAsync(new Usage(1, 2, 0.5m, 3), Token);
        await publisher.CompletedAsync(cancellationToken: Token).InTime();

        foreach (var e in server.Events())
        {
            var bind = () => System.Text.Json.JsonSerializer.Deserialize(e.Data, ContractsJson.Wire.GetTypeInfo(EventTypes.Find(e.Type)!.Data));
            bind.Should().NotThrow().Which.Should().NotBeNull();
        }
    }

    /// <summary>A fake clock that says when somebody waits for it.</summary>
    private sealed class CountingTime : FakeTimeProvider
    {
        private readonly Channel<bool> made = Channel.CreateUnbounded<bool>();
        private int seen;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            made.Writer.TryWrite(true);
            return timer;
        }

        public async Task TimersMade(int count)
        {
            for (; seen < count; seen++)
            {
                await made.Reader.ReadAsync(Token);
            }
        }
    }
}
