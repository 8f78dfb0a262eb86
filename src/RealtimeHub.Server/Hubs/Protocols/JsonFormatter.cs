using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using MessagePack;
using MessagePack.Formatters;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server.Hubs.Protocols;

/// <summary>Reads and writes <typeparamref name="T"/> by way of JSON; what does not bind fails the call.</summary>
internal sealed class JsonFormatter<T> : IMessagePackFormatter<T?>
{
    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options) =>
        JsonToMessagePack.Transcode(JsonSerializer.SerializeToUtf8Bytes(value, HubJson.Options), ref writer);

    public T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
        MessagePackBytes.ToJson(ref reader, out var json) is { } problem
            ? throw new MessagePackSerializationException($"The value at '{problem.Path}' {problem.Reason}.")
            : JsonSerializer.Deserialize<T>(json.Span, HubJson.Options);
}

/// <summary>Reads a <see cref="Body{T}"/>; what has no JSON is a failure to bind like any other.</summary>
internal sealed class BodyFormatter<T> : IMessagePackFormatter<Body<T>>
    where T : class
{
    public void Serialize(ref MessagePackWriter writer, Body<T> value, MessagePackSerializerOptions options) =>
        JsonToMessagePack.Transcode(JsonSerializer.SerializeToUtf8Bytes(value, HubJson.Options), ref writer);

    public Body<T> Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
        MessagePackBytes.ToJson(ref reader, out var json) is { } problem
            ? Body<T>.Unbound(Error.Invalid(problem.Path.Length == 0 ? BindingErrors.Root : problem.Path, problem.Reason))
            : Body<T>.Bind(json.Span);
}

/// <summary>One MessagePack value as the bytes of its JSON.</summary>
internal static class MessagePackBytes
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Reads the next value to its end, whether it has JSON or not.</summary>
    public static NotJson? ToJson(ref MessagePackReader reader, out ReadOnlyMemory<byte> json)
    {
        var start = reader;
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Options);
        var problem = MessagePackToJson.Transcode(ref reader, writer);
        writer.Flush();
        json = buffer.WrittenMemory;
        if (problem is not null)
        {
            // Not recursive, so a message of a million nested lists cannot exhaust the stack.
            reader = start;
            reader.Skip();
        }

        return problem;
    }
}
