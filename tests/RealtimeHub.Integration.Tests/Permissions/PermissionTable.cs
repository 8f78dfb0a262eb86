using RealtimeHub.Contracts;
using static RealtimeHub.Integration.Tests.Permissions.MatrixRow;

namespace RealtimeHub.Integration.Tests.Permissions;

/// <summary>The protocol's table of who may do what, for every request type.</summary>
internal static class PermissionTable
{
    public static IReadOnlyList<MatrixRow> All { get; } =
    [
        new(typeof(CreateConversation), Scopes.ConversationsWrite, _ => "ok"),
        new(typeof(UpdateConversation), Scopes.ConversationsWrite, w => Needs(w.OnTalk, Permission.Operate)),
        new(typeof(ArchiveConversation), Scopes.ConversationsWrite, w => Needs(w.OnTalk, Permission.Own)),
        new(typeof(AddParticipant), Scopes.ConversationsWrite, w => Needs(w.OnTalk, Permission.Own)),
        new(typeof(RemoveParticipant), Scopes.ConversationsWrite, w => Needs(w.OnTalk, w.Name == "mia" ? Permission.View : Permission.Own)),
        new(typeof(SendMessage), Scopes.ConversationsWrite, w => Needs(w.OnTalk, Permission.Operate)),
        new(typeof(StartRun), Scopes.AgentsOperate, StartsRun),
        new(typeof(CancelRun), Scopes.AgentsOperate, OperatesRun),
        new(typeof(SteerRun), Scopes.AgentsOperate, OperatesRun),
        new(typeof(RegisterAgent), Scopes.Admin, _ => "ok"),
        new(typeof(UpdateAgent), Scopes.Admin, w => Needs(w.OnWriter, Permission.Own)),
        new(typeof(GrantAccess), Scope: null, ManagesWriter),
        new(typeof(RevokeAccess), Scope: null, ManagesWriter),
        new(typeof(RevokeSessions), Scope: null, w => w.IsAdmin || w.Name.StartsWith("mia", StringComparison.Ordinal) ? "ok" : "forbidden"),
        new(typeof(SetPresence), Scopes.PresenceWrite, ReadsTalk),
        new(typeof(ListPresence), Scope: null, ReadsTalk),
        new(typeof(PublishEvents), Scopes.EventsPublish, w => !w.IsRuntime ? "forbidden" : Needs(w.OnTalk, Permission.View)),
        new(typeof(GetHistory), Scope: null, ReadsTalk),
        new(typeof(GetSnapshot), Scope: null, ReadsTalk),
        new(typeof(ListConversations), Scopes.ConversationsRead, _ => "ok"),
        new(typeof(ListAgents), Scopes.AgentsRead, _ => "ok"),
        new(typeof(ListRuns), Scopes.AgentsRead, _ => "ok"),
        new(typeof(GetRun), Scopes.AgentsRead, w => ReadsTalk(w) == "ok" ? "ok" : "not_found"),
        new(typeof(GetAudit), Scopes.Admin, _ => "ok"),
        new(typeof(GetStatus), Scope: null, _ => "ok"),
        new(typeof(Subscribe), Scope: null, ReadsTalk),
        new(typeof(Unsubscribe), Scope: null, _ => "ok"),
    ];

    private static string ManagesWriter(Who w) => MatrixRow.All(Needs(w.OnWriter, Permission.View), w.IsAdmin ? "ok" : "forbidden");

    // Everything that is named must be seen before any role is looked at.
    private static string StartsRun(Who w) => MatrixRow.All(
        Needs(w.OnTalk, Permission.View), Needs(w.OnWriter, Permission.View), Needs(w.OnTalk, Permission.Operate), Needs(w.OnWriter, Permission.Operate));

    // Whoever sees the run knows of its agent.
    private static string OperatesRun(Who w) => MatrixRow.All(
        Needs(w.OnTalk, Permission.Operate), w.OnWriter >= Permission.Operate ? "ok" : "forbidden");
}
