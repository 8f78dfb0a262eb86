namespace RealtimeHub.Contracts;

/// <summary>The scopes that a token may carry. There are no others.</summary>
public static class Scopes
{
#pragma warning disable CS1591 // each name says what it is
    public const string ConversationsRead = "conversations.read";
    public const string ConversationsWrite = "conversations.write";
    public const string AgentsRead = "agents.read";
    public const string AgentsOperate = "agents.operate";
    public const string ProcessesRead = "processes.read";
    public const string ProcessesOperate = "processes.operate";
    public const string ApprovalsResolve = "approvals.resolve";
    public const string ArtifactsRead = "artifacts.read";
    public const string ArtifactsWrite = "artifacts.write";
    public const string DevicesManage = "devices.manage";
    public const string PresenceWrite = "presence.write";
    public const string EventsPublish = "events.publish";
    public const string Admin = "admin";
#pragma warning restore CS1591

    /// <summary>Every scope, in the order of the protocol.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        ConversationsRead, ConversationsWrite, AgentsRead, AgentsOperate, ProcessesRead, ProcessesOperate,
        ApprovalsResolve, ArtifactsRead, ArtifactsWrite, DevicesManage, PresenceWrite, EventsPublish, Admin,
    ];
}
