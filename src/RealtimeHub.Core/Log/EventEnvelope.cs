using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Log;

/// <summary>The members of an event around its data, and where in the body the data is.</summary>
internal sealed record EventEnvelope(
    string Id, string Type, DateTimeOffset Time, Subject Actor, string? RunId, string? Traceparent, EventOrigin? Origin, int DataStart, int DataLength)
{
    /// <summary>Reads an event's body without copying its data; null when it is not one.</summary>
    /// <param name="body">The JSON.</param>
    /// <param name="storedAt">Its time, where it may come without one.</param>
    public static EventEnvelope? TryParse(ReadOnlySpan<byte> body, DateTimeOffset? storedAt = null)
    {
        string? id = null, type = null, runId = null, traceparent = null;
        var time = storedAt;
        Subject? actor = null;
        EventOrigin? origin = null;
        var (dataStart, dataLength) = (0, 0);
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = ContractsJson.MaxDepth + 2 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("id"u8))
                {
                    id = ReadString(ref reader);
                }
                else if (reader.ValueTextEquals("type"u8))
                {
                    type = ReadString(ref reader);
                }
                else if (reader.ValueTextEquals("time"u8))
                {
                    reader.Read();
                    time = reader.GetDateTimeOffset();
                }
                else if (reader.ValueTextEquals("actor"u8))
                {
                    actor = JsonSerializer.Deserialize(ref reader, ContractsJson.WireType<Subject>());
                }
                else if (reader.ValueTextEquals("runId"u8))
                {
                    runId = ReadString(ref reader);
                }
                else if (reader.ValueTextEquals("traceparent"u8))
                {
                    traceparent = ReadString(ref reader);
                }
                else if (reader.ValueTextEquals("origin"u8))
                {
                    origin = JsonSerializer.Deserialize(ref reader, ContractsJson.WireType<EventOrigin>());
                }
                else if (reader.ValueTextEquals("data"u8))
                {
                    reader.Read();
                    dataStart = (int)reader.TokenStartIndex;
                    reader.Skip();
                    dataLength = (int)reader.BytesConsumed - dataStart;
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            return id is not null && type is not null && time is not null && actor is not null && dataLength > 0
                && reader.TokenType == JsonTokenType.EndObject
                ? new EventEnvelope(id, type, time.Value, actor, runId, traceparent, origin, dataStart, dataLength)
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? ReadString(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }
}
