namespace RealtimeHub.Client.Tests.Fakes;

internal static class Clients
{
    /// <summary>A client that comes back at once.</summary>
    public static RealtimeHubClientOptions OptionsFor(FakeServer server, HubKind hub = HubKind.Events) => new()
    {
        BaseAddress = server.Address,
        AccessTokenProvider = _ => ValueTask.FromResult("jwt"),
        Hub = hub,
        ReconnectBaseDelay = TimeSpan.FromMilliseconds(5),
        ReconnectMaxDelay = TimeSpan.FromMilliseconds(50),
    };

    public static RealtimeHubClient ClientOf(this FakeServer server, HubKind hub = HubKind.Events) => new(OptionsFor(server, hub));
}
