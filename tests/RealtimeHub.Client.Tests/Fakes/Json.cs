using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests.Fakes;

internal static class Json
{
    public static JsonElement Of(object value) => JsonSerializer.SerializeToElement(value);

    public static Event Event(long seq, string type = "custom.number") => new()
    {
        Seq = seq,
        Id = $"e-{seq}",
        Type = type,
        Time = DateTimeOffset.UnixEpoch,
        Actor = Subject.System,
        Data = Of(new { n = seq }),
    };
}
