namespace RealtimeHub.Nats;

/// <summary>What nats-servers can do since when.</summary>
internal static class ServerVersions
{
    /// <summary>The first that compares an expected sequence right where a stream has replicas.</summary>
    /// <remarks>
    /// Earlier ones compare with what is stored and not with what is on its way: two messages that come at the same moment both pass
    /// (<see href="https://github.com/nats-io/nats-server/issues/4320"/>), and replicas may come to differ over a first message of a subject
    /// (<see href="https://github.com/nats-io/nats-server/pull/5794"/>).
    /// </remarks>
    public static readonly Version FirstForReplicas = new(2, 10, 19);

    /// <summary>Whether appends that exclude each other do so on this server, also when everything is kept several times.</summary>
    /// <param name="version">As the server says it; what is no version at all is taken for a new one.</param>
    public static bool KeepsReplicasConsistent(string version) =>
        !Version.TryParse(version.Split('-', 2)[0], out var number) || number >= FirstForReplicas;
}
