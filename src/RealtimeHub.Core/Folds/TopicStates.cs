using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Agents;
using RealtimeHub.Core.Features.Conversations;
using RealtimeHub.Core.Features.Devices;
using RealtimeHub.Core.Features.Inbox;
using RealtimeHub.Core.Features.Tenants;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>The states that topics begin with.</summary>
internal static class TopicStates
{
    /// <summary>A topic without events.</summary>
    public static TopicFold Empty(TopicKey key) => new() { Key = key, State = Initial(key.Topic), Recent = RecentRequests.Empty };

    /// <summary>The state of a topic without events.</summary>
    public static ITopicState Initial(Topic topic) => topic.Kind switch
    {
        TopicKind.Conversation => new ConversationState { Id = topic.Id },
        TopicKind.Agent => new AgentState { Id = topic.Id },
        TopicKind.User => new UserState { Id = topic.Id },
        TopicKind.Device => new DeviceState { Id = topic.Id },
        TopicKind.Tenant => new TenantState { Id = topic.Id },
        _ => new UnknownState { Id = topic.Id },
    };
}
