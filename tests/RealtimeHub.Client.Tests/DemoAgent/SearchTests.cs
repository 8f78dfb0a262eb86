using RealtimeHub.DemoAgent.Answering;
using RealtimeHub.DemoAgent.Documents;
using RealtimeHub.DemoAgent.Tools;

namespace RealtimeHub.Client.Tests.DemoAgent;

public sealed class SearchTests
{
    private readonly SearchIndex index = new(Library.Small);

    [Theory]
    [InlineData("When is the post office closed on Sundays?", "README.md", 7)]
    [InlineData("How heavy may a parcel be, how many kg does it weigh at most?", "docs/parcels.md", 3)]
    [InlineData("What happens when nobody collects a parcel?", "docs/parcels.md", 4)]
    [InlineData("Is a signature needed?", "docs/parcels.md", 10)]
    [InlineData("power cuts and the sorting machine", "docs/letters.md", 3)]
    public void Search_Question_FindsThePassageThatAnswers(string question, string file, int line)
    {
        var best = index.Search(new Planner(index).Of(question).Terms, 1).Single().Passage;

        (best.Document.Path, best.FirstLine).Should().Be((file, line));
    }

    [Fact]
    public void Search_WordThatStandsNowhere_FindsNothing() =>
        index.Search([new WeightedTerm("zebra", 1)], 5).Should().BeEmpty();

    [Fact]
    public void Search_OnlyOneDocument_LeavesTheOthers() =>
        index.Search([new WeightedTerm("return", 1)], 5, d => d.Path == "docs/letters.md").Should().ContainSingle()
            .Which.Passage.Document.Path.Should().Be("docs/letters.md");

    [Fact]
    public void Relatives_AreWordsOfTheDocuments()
    {
        var vocabulary = new Vocabulary(index);

        vocabulary.RelativesOf(Terms.Stem("recover"), "recover").Select(r => r.Stem).Should().Equal(Terms.Stem("resume"));
        vocabulary.RelativesOf(Terms.Stem("signatur"), "signatur").Should().OnlyContain(r => index.PassagesWith.ContainsKey(r.Stem));
        vocabulary.RelativesOf("stret", "stret").Select(r => r.Stem).Should().Contain("street");
        vocabulary.RelativesOf("zebra", "zebra").Should().BeEmpty();
    }

    [Fact]
    public void Plan_NamesADocument_LooksOnlyThere()
    {
        var plan = new Planner(index).Of("What does letters.md say about stamps?");

        plan.Only.Should().Equal("docs/letters.md");
        plan.Keywords.Select(k => k.Word).Should().Equal("stamps");
    }

    [Fact]
    public void Explain_SaysWhatFollowsFromTheDocuments()
    {
        var planner = new Planner(index);

        var thought = planner.Explain(planner.Of("Are zebras returned without a stamp?"));

        thought.Should().Contain("“zebras”").And.Contain("No document has “zebras”").And.Contain("all 3 documents");
    }

    [Fact]
    public void Tools_ReadAndCount_SayWhatStandsThere()
    {
        var tools = new DocsTools(index);

        tools.ListFiles().Select(f => f.Path).Should().Equal("README.md", "docs/parcels.md", "docs/letters.md");
        tools.ReadFile("docs/letters.md", 3, 3).Text.Should().Be("Letters are sorted by street. A letter without a stamp is returned.");
        tools.ReadFile("docs/letters.md", -5, 9999).EndLine.Should().Be(4);
        tools.Count(["stamp"])[0].Files.Should().BeEquivalentTo(new Dictionary<string, int> { ["README.md"] = 1, ["docs/letters.md"] = 1 });
        tools.Search("stamp", "letters")[0].StartLine.Should().Be(3);
        FluentActions.Invoking(() => tools.ReadFile("../secret", 1, 1)).Should().Throw<ToolException>();
    }
}
