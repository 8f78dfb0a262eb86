namespace RealtimeHub.Redis;

/// <summary>Where Redis is, and how patient a node is with it.</summary>
public sealed class RedisBackplaneOptions
{
    /// <summary>Servers and settings as StackExchange.Redis reads them: <c>host:6379,password=…,ssl=true</c>.</summary>
    public string Configuration { get; set; } = "";

    /// <summary>Begins every key and channel: deployments that share a server have different ones.</summary>
    public string Prefix { get; set; } = "rth";

    /// <summary>How long a node that says nothing is believed to live: what its connections said of presence lapses then.</summary>
    public TimeSpan NodeLease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a node says that it lives. Two of three may be lost.</summary>
    public TimeSpan RefreshEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call may take. Nobody's command waits longer for Redis.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often it is looked whether Redis answers.</summary>
    public TimeSpan ProbeEvery { get; set; } = TimeSpan.FromMilliseconds(500);
}
