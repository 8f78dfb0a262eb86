using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Delivery;

/// <summary>The events after which somebody may see a topic less than before.</summary>
internal static class AccessEvents
{
    /// <summary>Whether the topic's subscriptions must be looked at again after an event of this type.</summary>
    public static bool MayChangeAccess(string type) => type is
        EventTypes.ParticipantLeft or EventTypes.ParticipantJoined or EventTypes.AgentRegistered or EventTypes.AgentUpdated
        or EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCancelled // an agent sees a conversation while it works there
        || type.StartsWith("access.", StringComparison.Ordinal);
}
