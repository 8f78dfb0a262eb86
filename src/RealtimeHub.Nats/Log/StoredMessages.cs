using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using NATS.Client.Core;
using NATS.Client.JetStream.Models;
using RealtimeHub.Core;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Nats.Log;

/// <summary>How an event is written as a message, and read back. Messages of others are read, too: what is no event is skipped.</summary>
internal sealed class StoredMessages(Subjects subjects, Limits limits, ILogger logger)
{
    /// <summary>What clients never see, as JSON. Every message of this service's own has it; the others' are checked.</summary>
    public const string MetaHeader = "Rth-Meta";

    private const string NoMeta = "{}";

    private readonly ForeignEvents foreign = new(limits);
    private readonly Lock gate = new();
    private ulong reported;

    /// <summary>The headers of an event.</summary>
    public static NatsHeaders HeadersOf(NewEvent e) =>
        new() { [MetaHeader] = EventMetaJson.Write(e.Meta) is { } meta ? Encoding.UTF8.GetString(meta) : NoMeta };

    /// <summary>The event of a message that was asked for by itself; null when it is none.</summary>
    public StoredEvent? Read(StoredMessage message) =>
        Read(message.Subject, message.Seq, message.Data.ToArray(), MetaIn(message.Hdrs), message.Time, out _);

    /// <summary>The event of a message that was delivered; null when it is none.</summary>
    public StoredEvent? Read(string subject, ulong sequence, ReadOnlyMemory<byte> body, NatsHeaders? headers, DateTimeOffset storedAt) =>
        Read(subject, sequence, body, MetaIn(headers), storedAt, out _);

    /// <summary>The same, for whoever follows the stream: what is no event is counted and logged.</summary>
    public StoredEvent? ReadNext(string subject, ulong sequence, ReadOnlyMemory<byte> body, NatsHeaders? headers, DateTimeOffset storedAt)
    {
        var e = Read(subject, sequence, body, MetaIn(headers), storedAt, out var problem);
        if (e is null)
        {
            Skip(sequence, subject, problem);
        }

        return e;
    }

    private StoredEvent? Read(
        string subject, ulong sequence, ReadOnlyMemory<byte> body, StringValues meta, DateTimeOffset storedAt, out string problem)
    {
        if (subjects.Parse(subject) is not var (topic, lane))
        {
            problem = "the subject is no lane of a topic";
            return null;
        }

        // A service on the backbone may write the header, too: then only what cannot be read at all is skipped.
        problem = "it cannot be read";
        return meta.Count > 0
            ? StoredEvent.TryRead(topic, lane, (long)sequence, body, MetaOf(meta))
            : foreign.TryRead(topic, lane, (long)sequence, body, storedAt, out problem);
    }

    // Once, however often the stream is followed from there. Not by who reads history: then old messages would count anew in each process.
    private void Skip(ulong sequence, string subject, string problem)
    {
        lock (gate)
        {
            if (sequence <= reported)
            {
                return;
            }

            reported = sequence;
        }

        Metrics.SkippedEvents.Add(1);
        NatsLog.EventSkipped(logger, sequence, subject, problem);
    }

    private static EventMeta? MetaOf(StringValues meta)
    {
        try
        {
            return meta is [{ Length: > 2 } json] ? EventMetaJson.Read(Encoding.UTF8.GetBytes(json)) : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null; // it is ours alone; somebody else's is none
        }
    }

    private static StringValues MetaIn(NatsHeaders? headers) =>
        headers is not null && headers.TryGetValue(MetaHeader, out var meta) ? meta : StringValues.Empty;

    private static StringValues MetaIn(string? headers)
    {
        if (string.IsNullOrEmpty(headers))
        {
            return StringValues.Empty;
        }

        var text = Encoding.UTF8.GetString(Convert.FromBase64String(headers));
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith($"{MetaHeader}:", StringComparison.Ordinal))
            {
                return line[(MetaHeader.Length + 1)..].Trim().ToString();
            }
        }

        return StringValues.Empty;
    }
}
