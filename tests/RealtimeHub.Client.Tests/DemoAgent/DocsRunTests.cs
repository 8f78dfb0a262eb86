using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;
using RealtimeHub.DemoAgent.Answering;
using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.Client.Tests.DemoAgent;

public sealed class DocsRunTests
{
    private readonly SearchIndex index = new(Library.Small);

    [Fact]
    public async Task Answer_Question_GoesFromPlanToCitedAnswer()
    {
        using var run = new FakeRun(new { });

        await Answering(run, "What is returned?").InTime();

        run.Of(EventTypes.RunStepStarted).Select(e => e.Data.GetProperty("title").GetString()).Should().Equal(
            "Understand the question", "Search the documents", "Read the best passages", "Answer");
        run.Of(EventTypes.RunStepCompleted).Should().HaveCount(4);
        run.Of(EventTypes.ToolCallStarted).Select(e => e.Data.GetProperty("name").GetString()).Should().Contain(["list_files", "search", "count", "read_file"]);
        run.Of(EventTypes.ToolCallCompleted).Should().OnlyContain(e => !e.Data.GetProperty("isError").GetBoolean());
        run.Texts(EventTypes.ReasoningCompleted).First().Should().Contain("“returned”");
        string.Concat(run.Texts(EventTypes.MessageDelta)).Should().Be(run.Texts(EventTypes.MessageCompleted).Single());
        run.Texts(EventTypes.MessageCompleted).Single().Should().Contain("[`docs/letters.md:3-4`]");
        run.Of(EventTypes.RunUsage).Should().NotBeEmpty();
        run.Output.GetProperty("citations").GetArrayLength().Should().BePositive();
        run.Events[^1].Type.Should().Be(EventTypes.RunCompleted);
    }

    [Fact]
    public async Task Answer_NothingMatches_SaysSoHonestly()
    {
        using var run = new FakeRun(new { });

        await Answering(run, "Where do zebras live?").InTime();

        run.Texts(EventTypes.MessageCompleted).Single().Should().Contain("nothing about");
        run.Output.GetProperty("citations").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task Steer_WhileItAnswers_CutsTheAnswerAndBeginsAgainWithTheNewPlan()
    {
        using var run = new FakeRun(new { });
        var answering = Answering(run, "What is returned?", tokensPerSecond: 200);
        await run.SentAsync(EventTypes.MessageDelta, count: 3);

        run.Context.Steer("only parcels.md");
        await answering.InTime();

        var messages = run.Of(EventTypes.MessageCompleted).ToList();
        messages.Should().HaveCount(2);
        messages[0].Data.GetProperty("incomplete").GetBoolean().Should().BeTrue();
        var answer = messages[1].Data.GetProperty("text").GetString();
        answer.Should().StartWith("*Changed while I worked: looking only in docs/parcels.md.*").And.NotContain("letters.md");
        run.Of(EventTypes.ReasoningStarted).Select(e => e.Data.GetProperty("title").GetString()).Should().Contain("New instruction");
        run.Of(EventTypes.RunStepCompleted).Should().HaveCount(run.Of(EventTypes.RunStepStarted).Count());
        run.Output.GetProperty("citations").EnumerateArray().Should().OnlyContain(c => c.GetProperty("file").GetString() == "docs/parcels.md");
    }

    [Fact]
    public async Task Steer_TwiceInARow_FollowsBoth()
    {
        using var run = new FakeRun(new { });
        var answering = Answering(run, "What is returned?", tokensPerSecond: 200);
        await run.SentAsync(EventTypes.ReasoningDelta);

        run.Context.Steer("only parcels.md");
        run.Context.Steer("shorter");
        await answering.InTime();

        run.Output.GetProperty("changes").GetArrayLength().Should().Be(2);
    }

    [Fact]
    public async Task Cancel_WhileItAnswers_StopsAtOnce()
    {
        using var run = new FakeRun(new { });
        var answering = Answering(run, "What is returned?", tokensPerSecond: 5);
        await run.SentAsync(EventTypes.ReasoningDelta, count: 2);

        run.Cancel("enough");

        await FluentActions.Awaiting(() => answering.InTime()).Should().ThrowAsync<OperationCanceledException>();
        run.Of(EventTypes.RunCompleted).Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{ "question": " why? " }""", "why?")]
    [InlineData("\"why?\"", "why?")]
    [InlineData("""{ "question": "" }""", null)]
    [InlineData("{}", null)]
    public void Question_InTheInput_IsTaken(string input, string? expected) =>
        Question.InInput(System.Text.Json.JsonDocument.Parse(input).RootElement).Should().Be(expected);

    [Fact]
    public void Question_NotInTheInput_IsTheNewestOfAUser() => Question.NewestOfUser(Json.Of(new
    {
        messages = new[]
        {
            new { role = "user", text = "first" }, new { role = "user", text = "second" }, new { role = "assistant", text = "answer" },
        },
    })).Should().Be("second");

    private Task Answering(FakeRun run, string question, double tokensPerSecond = 0) =>
        new DocsRun(run.Context, index, new Pace(tokensPerSecond, TimeProvider.System), TimeProvider.System).AnswerAsync(question);
}
