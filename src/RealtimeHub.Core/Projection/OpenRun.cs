using System.Text.Json.Serialization;

namespace RealtimeHub.Core.Projection;

/// <summary>A run that has not ended, and when the service ends it.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Topic">Where it lives.</param>
/// <param name="RunId">Which.</param>
/// <param name="AgentId">Who does it.</param>
/// <param name="Deadline">Then it fails with code <c>timeout</c>.</param>
/// <param name="CancelDeadline">Then it is cancelled, the agent having had its time; null while nobody asked.</param>
/// <param name="Sequence">Of the event that requested it: nothing of it is older. 0 where it was not kept.</param>
internal sealed record OpenRun(
    string Tenant, string Topic, string RunId, string AgentId, DateTimeOffset Deadline, DateTimeOffset? CancelDeadline = null, long Sequence = 0)
{
    /// <summary>Every open run.</summary>
    public const string Prefix = "openrun.";

    /// <summary>Where it is kept.</summary>
    public string Key => $"{Prefix}{Tenant}.{RunId}";

    /// <summary>Whether the run is cancelled when something is to be done, because that comes before its own deadline.</summary>
    public bool IsCancelledFirst => CancelDeadline < Deadline;

    /// <summary>When something is to be done.</summary>
    public DateTimeOffset Due => IsCancelledFirst ? CancelDeadline!.Value : Deadline;

    /// <summary>Whether it was done: all that is left is that the projector comes by the run's end.</summary>
    [JsonIgnore]
    public bool IsSettled { get; init; }
}
