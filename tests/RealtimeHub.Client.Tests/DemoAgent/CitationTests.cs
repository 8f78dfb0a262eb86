using RealtimeHub.DemoAgent.Answering;
using RealtimeHub.DemoAgent.Documents;
using RealtimeHub.DemoAgent.Models;

namespace RealtimeHub.Client.Tests.DemoAgent;

public sealed class CitationTests
{
    [Fact]
    public void Answer_SentenceOverTwoLines_CitesBoth()
    {
        var answer = Answered(Library.Small, "Is it closed on Sundays?");

        answer.Citations[0].Should().Be(new Citation(
            "README.md", 7, 8, "On Sundays it is closed, and parcels wait until Monday."));
        answer.Text.Should().Contain("[`README.md:7-8`]");
    }

    [Fact]
    public void Answer_SecondSentenceOfAListItem_CitesItsLineAlone() =>
        Answered(Library.Small, "Who is the sender that pays?").Citations[0].Should()
            .Be(new Citation("docs/parcels.md", 5, 5, "The sender pays for that."));

    [Fact]
    public void Answer_TableRow_QuotesTheCell() =>
        Answered(Library.Small, "signature").Citations[0].Should()
            .Be(new Citation("docs/parcels.md", 10, 10, "9 coins, and a signature is needed"));

    [Fact]
    public void Answer_EveryWordOfTheDocumentsAsked_CitesOnlyWhatStandsThere()
    {
        foreach (var documents in new[] { Library.Small, Library.Repository })
        {
            var index = new SearchIndex(documents);
            foreach (var word in index.PassagesWith.Keys.Take(1500))
            {
                var answer = Answered(index, word);
                answer.Citations.Should().OnlyContain(c => c.Holds(documents.Single(d => d.Path == c.File)), "asked for {0}", word);
                answer.Citations.Should().OnlyContain(c => answer.Text.Contains($"[`{c}`]"));
            }
        }
    }

    [Theory]
    [InlineData("How does a client resume after a lost connection?")]
    [InlineData("Which options does the demo agent take?")]
    [InlineData("What happens to commands when the server is not available?")]
    public void Answer_RealQuestionsAboutThisRepository_AreAnsweredWithCitations(string question) =>
        Answered(Library.Repository, question).Citations.Should().NotBeEmpty();

    [Fact]
    public void Answer_NothingFound_SaysSoAndCitesNothing()
    {
        var answer = Answered(Library.Small, "Where do zebras live?");

        answer.Citations.Should().BeEmpty();
        answer.Text.Should().Contain("nothing about").And.Contain("“zebras”");
    }

    [Fact]
    public void Answer_AfterSteering_BeginsWithWhatChanged()
    {
        var index = new SearchIndex(Library.Small);
        var planner = new Planner(index);
        var plan = new Steering(index, planner).Apply(planner.Of("returned"), "only letters.md");

        var answer = Answer.From(plan, index.Search(plan.Terms, 24, plan.Admits), index, new Vocabulary(index));

        answer.Text.Should().StartWith("*Changed while I worked: looking only in docs/letters.md.*");
        answer.Citations.Should().OnlyContain(c => c.File == "docs/letters.md");
    }

    [Fact]
    public void CitedLines_OfAModel_KeepsThoseThatExist()
    {
        var cited = CitedLines.In(
            "Stamps are needed [`docs/letters.md:3`]. Made up [`docs/letters.md:90`], [`nowhere.md:1`]. Both [`README.md:7-8`].", Library.Small);

        cited.Select(c => $"{c}").Should().Equal("docs/letters.md:3", "README.md:7-8");
        cited.Should().OnlyContain(c => c.Holds(Library.Small.Single(d => d.Path == c.File)));
    }

    [Fact]
    public void Tokens_PutTogether_AreTheText()
    {
        const string Text = "  One,\n\n- two `docs/a.md:1-2` **three** Donaudampfschifffahrt 😀 \n";

        string.Concat(Pace.Tokens(Text)).Should().Be(Text);
        Pace.Tokens(Text).Should().OnlyContain(token => token.Length <= 12);
    }

    private static Answer Answered(IReadOnlyList<Document> documents, string question) => Answered(new SearchIndex(documents), question);

    private static Answer Answered(SearchIndex index, string question)
    {
        var plan = new Planner(index).Of(question);
        return Answer.From(plan, index.Search(plan.Terms, 24, plan.Admits), index, new Vocabulary(index));
    }
}
