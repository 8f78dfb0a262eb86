using Microsoft.Extensions.AI;
using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;
using RealtimeHub.DemoAgent.Documents;
using RealtimeHub.DemoAgent.Models;

namespace RealtimeHub.Client.Tests.DemoAgent;

public sealed class ModelRunTests : IAsyncLifetime
{
    private readonly FakeRun run = new(new { });
    private FakeModel server = null!;
    private IChatClient model = null!;

    public async ValueTask InitializeAsync()
    {
        server = await FakeModel.StartAsync();
        model = ModelFactory.Create(new ModelOptions { Endpoint = server.Endpoint, ApiKey = "key", Model = "fake" })!;
    }

    public async ValueTask DisposeAsync()
    {
        model.Dispose();
        await server.DisposeAsync();
        run.Dispose();
    }

    [Fact]
    public async Task Answer_ModelUsesATool_ShowsTheCallAndTheAnswer()
    {
        server.Respond(FakeModel.Call("call1", "read_file", new { path = "docs/letters.md", startLine = 3, endLine = 3 }));
        server.Respond(FakeModel.Text("Stamps are "), FakeModel.Text("needed [`docs/letters.md:3`]."));

        await AnsweringAsync("Who needs a stamp?");

        run.Of(EventTypes.ToolCallCompleted).Single().Data.GetProperty("result").GetProperty("text").GetString().Should().StartWith("Letters are sorted");
        run.Texts(EventTypes.MessageDelta).Should().Equal("Stamps are ", "needed [`docs/letters.md:3`].");
        run.Output.GetProperty("citations").EnumerateArray().Single().GetProperty("file").GetString().Should().Be("docs/letters.md");
        run.Of(EventTypes.RunCompleted).Single().Data.GetProperty("usage").GetProperty("inputTokens").GetInt64().Should().Be(20);

        server.Authorization.Should().Be("Bearer key");
        var requests = server.Requests.ToList();
        requests[0].GetProperty("model").GetString().Should().Be("fake");
        requests[0].GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("function").GetProperty("name").GetString())
            .Should().BeEquivalentTo("list_files", "search", "read_file", "count");
        requests[1].GetProperty("messages").EnumerateArray().Last().GetProperty("role").GetString().Should().Be("tool");
    }

    [Fact]
    public async Task Answer_ToolIsAskedForNonsense_TellsTheModel()
    {
        server.Respond(FakeModel.Call("call1", "read_file", new { path = "../secret", startLine = 1, endLine = 2 }));
        server.Respond(FakeModel.Call("call2", "format_disk", new { }));
        server.Respond(FakeModel.Text("I do not know."));

        await AnsweringAsync("What is secret?");

        run.Of(EventTypes.ToolCallCompleted).Should().HaveCount(2).And.OnlyContain(e => e.Data.GetProperty("isError").GetBoolean());
        run.Texts(EventTypes.MessageCompleted).Should().Equal("I do not know.");
    }

    [Fact]
    public async Task Steer_WhileTheModelWrites_CutsItAndTellsIt()
    {
        server.Respond(FakeModel.Text("A long story"), FakeModel.Hang);
        server.Respond(FakeModel.Text("Short."));
        var answering = AnsweringAsync("Tell me all.");
        await run.SentAsync(EventTypes.MessageDelta);

        run.Context.Steer("shorter");
        await answering;

        run.Of(EventTypes.MessageCompleted).Select(e => e.Data.TryGetProperty("incomplete", out _)).Should().Equal(true, false);
        server.Requests.Last().GetProperty("messages").EnumerateArray().Last().GetRawText().Should().Contain("shorter");
    }

    [Fact]
    public async Task Cancel_WhileTheModelWrites_StopsAtOnce()
    {
        server.Respond(FakeModel.Text("A long story"), FakeModel.Hang);
        var answering = AnsweringAsync("Tell me all.");
        await run.SentAsync(EventTypes.MessageDelta);

        run.Cancel("enough");

        await FluentActions.Awaiting(() => answering).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public void Create_WithoutAnEndpoint_IsNoModel() => ModelFactory.Create(new ModelOptions()).Should().BeNull();

    private Task AnsweringAsync(string question) =>
        new ModelRun(run.Context, new SearchIndex(Library.Small), model, TimeProvider.System).AnswerAsync(question).InTime();
}
