using RealtimeHub.Core.Features.Presence;

namespace RealtimeHub.Server.Hubs;

/// <summary>The names of SignalR's groups. Each holds the tenant, so that none is shared by two; ids hold neither colons nor slashes.</summary>
internal static class GroupNames
{
    /// <summary>Those who hear of presence in a place.</summary>
    public static string Presence(PresencePlace place) =>
        place.Topic is { } topic ? $"presence/{place.Tenant}/{topic}" : $"presence/{place.Tenant}";
}
