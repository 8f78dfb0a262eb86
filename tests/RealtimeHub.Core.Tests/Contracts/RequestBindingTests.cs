using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Tests.Contracts;

public sealed class RequestBindingTests
{
    [Theory]
    [InlineData("""{"title":"x","colour":"red"}""", "$.colour")]
    [InlineData("""{"title":5}""", "$.title")]
    [InlineData("""{"title":null}""", "$.title")]
    [InlineData("""{"title":"x","participants":[{"kind":"robot","id":"a"}]}""", "$.participants[0].kind")]
    [InlineData("""{"title":"x","participants":[{"kind":0,"id":"a"}]}""", "$.participants[0].kind")]
    [InlineData("""{"title":"x","Title":"y"}""", "$.Title")]
    [InlineData("""{"title":"x","labels":{"a":1}}""", "$.labels.a")]
    public void Deserialize_IllFormedRequest_ThrowsWithThePathOfTheMember(string json, string path)
    {
        var bind = () => JsonSerializer.Deserialize(json, ContractsJson.RequestType<CreateConversation>());

        bind.Should().Throw<JsonException>().Which.Path.Should().Be(path);
    }

    [Theory]
    [InlineData("""{"title":"x","title":"y"}""")]
    [InlineData("""{"title":"\ud800"}""")]
    [InlineData("[]")]
    public void Deserialize_DuplicateOrBrokenText_Throws(string json)
    {
        var bind = () => JsonSerializer.Deserialize(json, ContractsJson.RequestType<CreateConversation>());

        bind.Should().Throw<JsonException>();
    }

    [Fact]
    public void Deserialize_AbsentRequiredMember_IsLeftToTheValidator() =>
        JsonSerializer.Deserialize("{}", ContractsJson.RequestType<CreateConversation>())!.Title.Should().BeNull();

    [Fact]
    public void Deserialize_AbsentAndNullOptionalMembers_MeanTheSame() =>
        JsonSerializer.Deserialize("""{"title":"x","id":null,"labels":null}""", ContractsJson.RequestType<CreateConversation>())
            .Should().Be(new CreateConversation { Title = "x" });
}
