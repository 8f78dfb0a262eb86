using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealtimeHub.Core.Log;

/// <summary>How the meta of an event is kept: as JSON, so that members can be added without a new schema.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventMeta))]
internal sealed partial class EventMetaJson : JsonSerializerContext
{
    public static byte[]? Write(EventMeta? meta) => meta is null ? null : JsonSerializer.SerializeToUtf8Bytes(meta, Default.EventMeta);

    public static EventMeta? Read(byte[]? meta) => meta is null ? null : JsonSerializer.Deserialize(meta, Default.EventMeta);
}
