namespace RealtimeHub.Benchmarks.Running;

/// <summary>The systems that a scenario compares.</summary>
/// <param name="Hubs">SignalR servers; ours first.</param>
/// <param name="Others">What else there is.</param>
/// <param name="Nodes">Of how many processes each hub is.</param>
internal sealed record SystemSet(string[] Hubs, string[] Others, int Nodes = 1)
{
    /// <summary>Everything in one process, with nothing behind it.</summary>
    public static SystemSet OneServer { get; } = new([HubSystem.Ours, HubSystem.Bare], [NatsSystem.Nats]);

    /// <summary>A node that has its events from JetStream, and what others do with a backplane.</summary>
    public static SystemSet OnNats { get; } = new([HubSystem.OursOnNats, HubSystem.BareOnRedis], [NatsSystem.Nats]);

    /// <summary>The same, and a bare hub that sends on what comes from JetStream.</summary>
    public static SystemSet WithTail { get; } = OnNats with { Hubs = [.. OnNats.Hubs, HubSystem.BareOnTail] };

    /// <summary>All of them.</summary>
    public string[] All => [.. Hubs, .. Others];

    /// <summary>For a title.</summary>
    public string Where => Nodes == 1 ? "" : $" to {Nodes} nodes";
}
