using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Features.Conversations;

internal static class ConversationErrors
{
    public static Error Archived => Error.Conflict("The conversation is archived.", new JsonObject { ["archived"] = true });

    public static Error LastOwner => Error.Conflict("A conversation keeps at least one owner.", new JsonObject { ["owners"] = 1 });

    public static Error Taken(string id) => Error.Conflict("The id is taken.", new JsonObject { ["id"] = id });
}
