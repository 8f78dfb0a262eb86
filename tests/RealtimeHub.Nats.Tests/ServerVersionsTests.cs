using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests;

/// <summary>Servers that are too old for what they are asked for.</summary>
public sealed class ServerVersionsTests(SharedNats nats)
{
    [Theory]
    [InlineData("2.9.10", false)]
    [InlineData("2.10.18", false)]
    [InlineData("2.10.19-RC.1", true)]
    [InlineData("2.10.27", true)]
    [InlineData("2.15.1", true)]
    [InlineData("3.0.0-dev", true)]
    [InlineData("unknown", true)]
    public void Replicas_NeedAServerThatComparesRight(string version, bool isNewEnough) =>
        ServerVersions.KeepsReplicasConsistent(version).Should().Be(isNewEnough);

    [Fact]
    public async Task Replicas_OnAServerThatIsTooOld_AreRefused()
    {
        var deployment = new Deployment(nats.Url);
        await using var first = deployment;
        await deployment.Log.GetHeadAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(ServerVersions.KeepsReplicasConsistent(deployment.Backbone.ServerVersion!), "This server is new enough.");
        var replicated = new Deployment(nats.Url, replicas: 3);

        await FluentActions.Awaiting(() => replicated.Log.GetHeadAsync(TestContext.Current.CancellationToken).AsTask())
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*2.10.19 is the first*");

        await replicated.Backbone.DisposeAsync();
    }
}
