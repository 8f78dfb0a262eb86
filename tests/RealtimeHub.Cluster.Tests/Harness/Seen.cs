using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>An event as somebody saw it; of what belongs to a message, also the message, its text and where that goes.</summary>
internal sealed record Seen(long Sequence, string Id, string Type, string? Message = null, string? Text = null, int? Offset = null)
{
    public bool IsState => !Type.EndsWith("delta", StringComparison.Ordinal);

    public static Seen Of(JsonElement e)
    {
        var (sequence, id, type) = (e.GetProperty("seq").GetInt64(), e.GetProperty("id").GetString()!, e.GetProperty("type").GetString()!);
        if (type is not (EventTypes.MessageStarted or EventTypes.MessageDelta or EventTypes.MessageCompleted))
        {
            return new Seen(sequence, id, type);
        }

        var data = e.GetProperty("data");
        return new Seen(
            sequence, id, type, data.GetProperty("messageId").GetString(),
            data.TryGetProperty("text", out var text) ? text.GetString() : null,
            data.TryGetProperty("offset", out var offset) ? offset.GetInt32() : null);
    }
}
