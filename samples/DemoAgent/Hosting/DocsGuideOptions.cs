namespace RealtimeHub.DemoAgent.Hosting;

/// <summary>Section <c>DocsGuide</c>.</summary>
internal sealed class DocsGuideOptions
{
    public const string AgentId = "docs-guide";

    /// <summary>Where the service is.</summary>
    public Uri Server { get; set; } = new("http://localhost:5080");

    /// <summary>The folder to answer from; the repository's own documentation when empty.</summary>
    public string? Folder { get; set; }

    /// <summary>How fast it writes; 0 for as fast as it can.</summary>
    public double TokensPerSecond { get; set; } = 45;

    /// <summary>Runs at a time.</summary>
    public int MaxRuns { get; set; } = 4;

    /// <summary>A token of a real issuer; the development issuer is asked for one when empty.</summary>
    public string? AccessToken { get; set; }

    /// <summary>The tenant that the development token is for.</summary>
    public string Tenant { get; set; } = "demo";
}
