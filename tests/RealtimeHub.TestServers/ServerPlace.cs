namespace RealtimeHub.TestServers;

/// <summary>Where a server runs, as its arguments say it.</summary>
/// <param name="Bind">The address that it listens on. In a container that is every one of its own; outside it is the loopback interface alone.</param>
/// <param name="Port">The port, which is the same inside and outside.</param>
/// <param name="Folder">A folder of its own, under the same name inside and outside.</param>
public sealed record ServerPlace(string Bind, int Port, string Folder);
