using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests;

public sealed class PresenceTests : IAsyncLifetime
{
    private const string Talk = "conversation:talk";

    private FakeServer server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await FakeServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task PresenceChanged_FromTheServer_IsRaised()
    {
        await using var client = server.ClientOf(HubKind.Operator);
        var heard = new TaskCompletionSource<PresenceChangedEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.PresenceChanged += (_, change) => heard.TrySetResult(change);

        (await client.SetPresenceAsync(new SetPresence { Topic = Talk, State = PresenceState.Typing }, Token).InTime()).Ok.Should().BeTrue();

        var change = await heard.Task.InTime();
        change.Topic.Should().Be(Talk);
        change.Changes.Should().ContainSingle().Which.State.Should().Be(PresenceState.Typing);
    }

    [Fact]
    public async Task PresenceChanged_HandlerThatThrows_EndsNothing()
    {
        await using var client = server.ClientOf(HubKind.Operator);
        client.PresenceChanged += (_, _) => throw new InvalidOperationException("mine");

        (await client.SetPresenceAsync(new SetPresence { State = PresenceState.Active }, Token).InTime()).Ok.Should().BeTrue();
        (await client.SetPresenceAsync(new SetPresence { State = PresenceState.Away }, Token).InTime()).Ok.Should().BeTrue();

        client.State.Should().Be(ConnectionState.Connected);
    }

    [Fact]
    public async Task Reconnection_AfterPresenceWasSaid_SaysItAgain()
    {
        await using var client = server.ClientOf(HubKind.Operator);
        await client.SetPresenceAsync(new SetPresence { Topic = Talk, State = PresenceState.Typing }, Token).InTime();
        await client.SetPresenceAsync(new SetPresence { State = PresenceState.Away }, Token).InTime();
        await client.SetPresenceAsync(new SetPresence { Topic = "conversation:left", State = PresenceState.Active }, Token).InTime();
        await client.SetPresenceAsync(new SetPresence { Topic = "conversation:left", State = PresenceState.Offline }, Token).InTime();

        server.DropConnections();
        await server.Changed.UntilAsync(() => server.RequestsOf<SetPresence>().Count == 6);

        server.RequestsOf<SetPresence>().Skip(4).Select(r => (r.Topic, r.State)).Should()
            .BeEquivalentTo([((string?)Talk, PresenceState.Active), (null, PresenceState.Away)]);
    }
}
