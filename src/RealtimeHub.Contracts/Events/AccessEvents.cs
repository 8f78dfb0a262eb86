namespace RealtimeHub.Contracts;

/// <summary>Data of <c>sessions.revoked</c>: what was issued to the subject before that time does not count any more.</summary>
public sealed record SessionsRevoked(Subject Subject, DateTimeOffset Before);

/// <summary>Data of <c>access.granted</c> and <c>access.revoked</c>.</summary>
public sealed record AccessChanged(Subject Subject, Permission Permission);
