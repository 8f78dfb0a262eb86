using Microsoft.AspNetCore.SignalR;

namespace RealtimeHub.Server.Admission;

/// <summary>Joins the limit on a user's connections to SignalR; negotiation asks <see cref="ConnectionSlots"/> itself.</summary>
internal static class AdmissionRegistration
{
    /// <summary>Counts a hub's connections.</summary>
    /// <remarks>Registered for the one hub, it wins over SignalR's own open generic handler.</remarks>
    public static ISignalRServerBuilder AddCounted<THub>(this ISignalRServerBuilder builder)
        where THub : Hub
    {
        builder.Services.AddSingleton<HubConnectionHandler<THub>, CountedConnectionHandler<THub>>();
        return builder;
    }
}
