using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>What a delta is a delta of.</summary>
internal static class DeltaItem
{
    /// <summary>The <see cref="Item.Key"/> of the message, reasoning or tool call; null for a state event and for a delta that names none.</summary>
    public static string? KeyOf(StoredEvent e)
    {
        if (e.Lane != Lane.Stream)
        {
            return null;
        }

        try
        {
            return KeyOf(e.Data.Span, e.RunId);
        }
        catch (InvalidOperationException)
        {
            return null; // half a character, from the backbone: no item has such an id
        }
    }

    private static string? KeyOf(ReadOnlySpan<byte> data, string? runId)
    {
        var reader = new Utf8JsonReader(data);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ItemKind? kind = reader.ValueTextEquals("messageId"u8) ? ItemKind.Message
                : reader.ValueTextEquals("reasoningId"u8) ? ItemKind.Reasoning
                : reader.ValueTextEquals("toolCallId"u8) ? ItemKind.ToolCall : null;
            reader.Read();
            if (kind is { } found && reader.TokenType == JsonTokenType.String)
            {
                return Item.KeyOf(found, runId, reader.GetString()!);
            }

            reader.Skip();
        }

        return null;
    }
}
