using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>Which of the three hubs a client connects to.</summary>
public enum HubKind
{
    /// <summary>Read-only subscriptions.</summary>
    Events,

    /// <summary>Subscriptions and the commands of operators.</summary>
    Operator,

    /// <summary>Subscriptions and publishing, for agent runtimes and devices.</summary>
    Agent,
}

internal static class HubKindPaths
{
    /// <summary>The hub's absolute address, under whatever path the service is served from.</summary>
    public static Uri AddressOf(this HubKind hub, Uri baseAddress)
    {
        var path = hub switch
        {
            HubKind.Operator => HubPaths.Operator,
            HubKind.Agent => HubPaths.Agent,
            _ => HubPaths.Events,
        };

        return new Uri($"{baseAddress.AbsoluteUri.TrimEnd('/')}{path}");
    }
}
