namespace RealtimeHub.Contracts;

/// <summary>Where the hubs are.</summary>
public static class HubPaths
{
    /// <summary>Read-only subscriptions.</summary>
    public const string Events = "/hubs/events";

    /// <summary>Subscriptions and the commands of operators.</summary>
    public const string Operator = "/hubs/operator";

    /// <summary>Subscriptions and publishing, for agent runtimes and devices.</summary>
    public const string Agent = "/hubs/agent";
}
