using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Folds;

/// <summary>Who may read a topic. The one place that says so, for subscriptions, history, snapshots and lists alike.</summary>
public static class TopicReadPolicy
{
    /// <summary>The scope that reading topics of a kind takes; null: none.</summary>
    public static string? ScopeFor(TopicKind kind) => kind switch
    {
        TopicKind.Conversation => Scopes.ConversationsRead,
        TopicKind.Agent => Scopes.AgentsRead,
        TopicKind.Process => Scopes.ProcessesRead,
        TopicKind.Device => Scopes.DevicesManage,
        TopicKind.User => null,
        _ => Scopes.Admin,
    };

    /// <summary>As whom the caller reads topics of a kind; null: not at all.</summary>
    /// <remarks>Without the kind's scope an agent's publishing scope lets it read what it works on, and nothing that only its token's user may read.</remarks>
    public static Caller? ReaderOf(Caller caller, TopicKind kind) =>
        ScopeFor(kind) is not { } scope || caller.Has(scope) ? caller
        : caller.Agents.Count > 0 && kind is TopicKind.Agent or TopicKind.Conversation or TopicKind.Process && caller.Has(Scopes.EventsPublish)
            ? caller with { IsAgentsAlone = true }
            : null;

    /// <summary>Why the caller may not read the topic; null when it may.</summary>
    public static Error? Refusal(Caller caller, TopicFold fold)
    {
        if (ReaderOf(caller, fold.Key.Topic.Kind) is not { } reader)
        {
            return Error.Forbidden($"Reading {fold.Key.Topic.KindName} topics takes the scope {ScopeFor(fold.Key.Topic.Kind)}.");
        }

        return fold.PermissionOf(reader) is null ? Error.NotFound : null;
    }
}
