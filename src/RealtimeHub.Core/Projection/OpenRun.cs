namespace RealtimeHub.Core.Projection;

/// <summary>A run that has not ended, and when the service ends it.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Topic">Where it lives.</param>
/// <param name="RunId">Which.</param>
/// <param name="Deadline">Then it fails with code <c>timeout</c>.</param>
/// <param name="CancelDeadline">Then it is cancelled, the agent having had its time; null while nobody asked.</param>
internal sealed record OpenRun(string Tenant, string Topic, string RunId, DateTimeOffset Deadline, DateTimeOffset? CancelDeadline = null)
{
    /// <summary>Every open run.</summary>
    public const string Prefix = "openrun.";

    /// <summary>Where it is kept.</summary>
    public string Key => $"{Prefix}{Tenant}.{RunId}";

    /// <summary>When something is to be done.</summary>
    public DateTimeOffset Due => CancelDeadline is { } cancel && cancel < Deadline ? cancel : Deadline;
}
