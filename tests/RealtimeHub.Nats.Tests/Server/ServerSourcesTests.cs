using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Server;

/// <summary>Where a test run has its servers from.</summary>
public sealed class ServerSourcesTests
{
    [Theory]
    [InlineData(null, true, true, ServerSource.Docker)]
    [InlineData("", true, false, ServerSource.Docker)]
    [InlineData(null, false, true, ServerSource.Binary)]
    [InlineData("docker", true, true, ServerSource.Docker)]
    [InlineData("binaries", true, true, ServerSource.Binary)]
    public void WhatIsThere_IsTakenInThisOrder(string? wish, bool dockerAnswers, bool isOnPath, ServerSource source) =>
        ServerSources.Choose(ServerProgram.Nats, wish, () => dockerAnswers, () => isOnPath).Should().Be(source);

    [Theory]
    [InlineData(null, false, false, "*start a Docker engine, put nats-server on the PATH (Debian: apt install nats-server)*REALTIMEHUB_TEST_NATS*")]
    [InlineData("docker", false, true, "*no engine answers*")]
    [InlineData("binaries", true, false, "*nats-server is not on the PATH*")]
    [InlineData("podman", true, true, "*'podman'; it may be 'docker' or 'binaries'*")]
    public void WhatIsNotThere_IsNamed(string? wish, bool dockerAnswers, bool isOnPath, string message) =>
        FluentActions.Invoking(() => ServerSources.Choose(ServerProgram.Nats, wish, () => dockerAnswers, () => isOnPath))
            .Should().Throw<InvalidOperationException>().WithMessage(message);

    [Fact]
    public void BinariesThatWereAskedFor_DoNotWakeAnEngine() =>
        ServerSources.Choose(ServerProgram.Redis, "binaries", () => throw new InvalidOperationException("asked"), () => true).Should().Be(ServerSource.Binary);
}
