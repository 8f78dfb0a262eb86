using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Tests.Contracts;

public sealed class NamesTests
{
    [Theory]
    [InlineData("conversation:c1", true)]
    [InlineData("agent:A_-9", true)]
    [InlineData("robot:c1", false)]
    [InlineData("conversation:", false)]
    [InlineData("conversation", false)]
    [InlineData("conversation:a.b", false)]
    [InlineData("conversation:a:b", false)]
    [InlineData("Conversation:a", false)]
    [InlineData("conversation:ä", false)]
    public void TryParse_Topic_AcceptsTheGrammarAlone(string text, bool expected)
    {
        Topic.TryParse(text, out var topic).Should().Be(expected);
        if (expected)
        {
            topic.ToString().Should().Be(text);
        }
    }

    [Fact]
    public void IsValid_IdOf64Characters_IsTheLongest()
    {
        Ids.IsValid(new string('a', 64)).Should().BeTrue();
        Ids.IsValid(new string('a', 65)).Should().BeFalse();
    }

    [Fact]
    public void New_Id_IsAVersion7UuidWithoutDashes()
    {
        var id = Ids.New(DateTimeOffset.UnixEpoch);

        id.Should().MatchRegex("^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$");
        id[..12].Should().Be("000000000000");
    }

    [Theory]
    [InlineData("custom.note", true)]
    [InlineData("custom.", false)]
    [InlineData("custom.a b", false)]
    [InlineData("message.teleported", false)]
    public void LaneOf_Type_KnowsRegisteredAndCustomTypes(string type, bool known) =>
        EventTypes.LaneOf(type).Should().Be(known ? Lane.State : null);

    [Fact]
    public void Registered_Types_HaveDeltasAloneInTheStreamLane() =>
        EventTypes.Registered.Should().OnlyContain(t => (t.Lane == Lane.Stream) == t.Name.EndsWith("delta", StringComparison.Ordinal));
}
