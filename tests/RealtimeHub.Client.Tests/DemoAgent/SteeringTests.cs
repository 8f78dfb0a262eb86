using RealtimeHub.DemoAgent.Answering;
using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.Client.Tests.DemoAgent;

public sealed class SteeringTests
{
    private readonly Planner planner;
    private readonly Steering steering;

    public SteeringTests()
    {
        var index = new SearchIndex(Library.Small);
        planner = new Planner(index);
        steering = new Steering(index, planner);
    }

    [Theory]
    [InlineData("only letters.md")]
    [InlineData("only letters")]
    [InlineData("please look only in docs/letters.md")]
    [InlineData("just the letters file")]
    public void Apply_OnlyAFile_LooksNowhereElse(string instruction) =>
        Steered(instruction).Only.Should().Equal("docs/letters.md");

    [Theory]
    [InlineData("not parcels.md")]
    [InlineData("without the parcels file")]
    public void Apply_NotAFile_LeavesItOut(string instruction)
    {
        var plan = Steered(instruction);

        plan.Without.Should().Equal("docs/parcels.md");
        plan.Only.Should().BeNull();
    }

    [Fact]
    public void Apply_Everywhere_TakesAllBackIn() =>
        steering.Apply(Steered("only letters.md"), "look everywhere").Only.Should().BeNull();

    [Fact]
    public void Apply_Shorter_SaysLess()
    {
        var once = Steered("shorter please");
        var twice = steering.Apply(once, "even shorter");

        once.Statements.Should().Be(Plan.FewStatements);
        twice.Statements.Should().Be(1);
        once.Keywords.Should().BeEquivalentTo(Steered("").Keywords);
    }

    [Fact]
    public void Apply_InMoreDetail_SaysMore() => Steered("in more detail").Statements.Should().Be(Plan.ManyStatements);

    [Fact]
    public void Apply_NewWords_AreLookedForFirst()
    {
        var plan = Steered("also the signature");

        plan.Keywords.Select(k => k.Word).Should().Equal("signature", "stamp");
        plan.Changes.Should().ContainSingle().Which.Should().Contain("signature");
    }

    [Fact]
    public void Apply_Instead_ReplacesTheWords() =>
        Steered("the sorting machine instead").Keywords.Select(k => k.Word).Should().Equal("sorting", "machine");

    [Fact]
    public void Apply_SeveralThingsAtOnce_DoesAll()
    {
        var plan = Steered("only parcels.md, shorter, and the price");

        plan.Only.Should().Equal("docs/parcels.md");
        plan.Statements.Should().Be(Plan.FewStatements);
        plan.Keywords[0].Word.Should().Be("price");
    }

    [Fact]
    public void Apply_NothingUnderstood_SaysSo() => Steered("!").Changes.Should().ContainSingle().Which.Should().StartWith("nothing");

    private Plan Steered(string instruction) => steering.Apply(planner.Of("Who needs a stamp?"), instruction);
}
