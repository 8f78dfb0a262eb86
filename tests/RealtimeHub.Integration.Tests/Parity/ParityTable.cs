namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>Every request type, and what may be wrong with it.</summary>
internal static class ParityTable
{
    public static IReadOnlyList<ParityCases> All { get; } =
    [
        .. ConversationCases.All,
        .. RunCases.All,
        .. AgentCases.All,
        .. SessionCases.All,
        .. PublishingCases.All,
        .. ReadingCases.All,
        .. SubscriptionCases.All,
        .. NodeCases.All,
        .. PresenceCases.All,
    ];
}
