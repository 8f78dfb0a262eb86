using System.Text;
using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Hubs;
using RealtimeHub.Server.Hubs.Protocols;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>Bodies that no stock client writes.</summary>
public sealed class BodyBindTests
{
    [Theory]
    [InlineData("""{"title":"a","title":"b"}""", "title")]
    [InlineData("""{"title":"a","labels":{"x":"1","x":"2"}}""", "labels.x")]
    [InlineData("""{"title":"\ud83d"}""", "title")]
    [InlineData("""{"title":"t","labels":{"\ud83d":"x"}}""", "labels")]
    [InlineData("""{"\ud83d":"x"}""", "$")]
    public void Read_WhatBindsToNothing_IsAnErrorAndNothingElse(string json, string path)
    {
        var body = JsonSerializer.Deserialize<Body<CreateConversation>>(json, HubJson.Options)!;

        body.Value.Should().BeNull();
        body.Error!.Code.Should().Be(ErrorCode.InvalidRequest);
        body.Error.Errors.Should().ContainSingle().Which.Key.Should().Be(path);
    }

    [Fact]
    public void Bind_OfBytesThatAreNoText_IsAnError()
    {
        byte[] json = [.. "{\"title\":\""u8, 0xff, 0xfe, .. "\"}"u8];

        Body<CreateConversation>.Bind(json).Error!.Errors.Should().ContainKey("title");
        Body<CreateConversation>.Bind([]).Error!.Errors.Should().ContainKey("$");
        Body<CreateConversation>.Bind("{\"title\":"u8).Error.Should().NotBeNull();
    }

    [Fact]
    public void Write_ThenRead_IsTheSameRequest()
    {
        var request = new CreateConversation { Title = "Grüße", Participants = [new() { Kind = SubjectKind.User, Id = "u" }] };

        var json = JsonSerializer.SerializeToUtf8Bytes(new Body<CreateConversation>(request), HubJson.Options);

        Encoding.UTF8.GetString(json).Should().Be("""{"title":"Grüße","participants":[{"kind":"user","id":"u"}]}""");
        Body<CreateConversation>.Bind(json).Value.Should().BeEquivalentTo(request);
    }
}
