namespace RealtimeHub.DemoAgent.Models;

/// <summary>An OpenAI-compatible model; section <c>OpenAI</c>. Without an endpoint the agent works without a model.</summary>
internal sealed class ModelOptions
{
    /// <summary>For example <c>https://api.example.org/v1</c>.</summary>
    public Uri? Endpoint { get; set; }

    public string? ApiKey { get; set; }

    public string Model { get; set; } = "gpt-4o-mini";
}
