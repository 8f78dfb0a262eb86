using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Conversations;

internal static class ConversationErrors
{
    public static Error Archived { get; } = Error.Conflict("The conversation is archived.");

    public static Error LastOwner { get; } = Error.Conflict("A conversation keeps at least one owner.");
}
