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

    /// <summary>Whether the caller's token may read topics of a kind; an agent's publishing scope lets it read what it works on.</summary>
    public static bool HasScope(Caller caller, TopicKind kind) =>
        ScopeFor(kind) is not { } scope
        || caller.Has(scope)
        || (caller.Agents.Count > 0 && kind is TopicKind.Agent or TopicKind.Conversation or TopicKind.Process && caller.Has(Scopes.EventsPublish));

    /// <summary>Why the caller may not read the topic; null when it may.</summary>
    public static Error? Refusal(Caller caller, TopicFold fold)
    {
        if (!HasScope(caller, fold.Key.Topic.Kind))
        {
            return Error.Forbidden($"Reading {fold.Key.Topic.KindName} topics takes the scope {ScopeFor(fold.Key.Topic.Kind)}.");
        }

        return fold.PermissionOf(caller) is null ? Error.NotFound : null;
    }
}
