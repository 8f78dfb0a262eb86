using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>What a delta is a delta of.</summary>
internal static class DeltaItem
{
    /// <summary>The id of the message, reasoning or tool call; null for a state event and for a delta that names none.</summary>
    public static string? IdOf(StoredEvent e)
    {
        if (e.Lane != Lane.Stream)
        {
            return null;
        }

        var reader = new Utf8JsonReader(e.Data.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals("messageId"u8) || reader.ValueTextEquals("reasoningId"u8) || reader.ValueTextEquals("toolCallId"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String)
            {
                return reader.GetString();
            }

            reader.Skip();
        }

        return null;
    }
}
