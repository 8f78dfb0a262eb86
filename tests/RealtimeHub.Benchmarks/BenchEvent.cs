using System.Globalization;
using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Benchmarks;

/// <summary>The event that every system carries: 200 bytes of JSON with a byte that stands in each event once, and a time.</summary>
internal static class BenchEvent
{
    /// <summary>Stands in an event once and nowhere else.</summary>
    public const byte Marker = (byte)'|';

    /// <summary>Digits of the time that follow the marker.</summary>
    public const int StampDigits = 19;

    /// <summary>Its type; the state lane takes any name of this kind.</summary>
    public const string Type = "custom.bench";

    /// <summary>The size of the body as it is stored, and as nats-server is given it.</summary>
    public const int Bytes = 200;

    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    /// <summary>What fills the event up to its size.</summary>
    public static string Text { get; } = new('x', Bytes - Write(new string('0', 32), "", 0).Length);

    /// <summary>The time of an event as it stands in it.</summary>
    public static string Stamp(long timestamp) => $"{(char)Marker}{timestamp:d19}";

    /// <summary>The time that stands in an event; null when there is none.</summary>
    public static long? StampIn(ReadOnlySpan<byte> body) =>
        body.IndexOf(Marker) is var at and >= 0 ? long.Parse(body.Slice(at + 1, StampDigits), CultureInfo.InvariantCulture) : null;

    /// <summary>A new event that was planned for this time.</summary>
    public static NewEvent New(long timestamp)
    {
        var id = Ids.New(TimeProvider.System.GetUtcNow());
        return new NewEvent(id, Lane.State, Write(id, Text, timestamp));
    }

    private static ReadOnlyMemory<byte> Write(string id, string text, long timestamp) => EventBody.Write(
        id, Type, Time, Subject.System, Encoding.UTF8.GetBytes($$"""{"at":"{{Stamp(timestamp)}}","text":"{{text}}"}"""));
}

/// <summary>The same event as the bare hub serializes it, for each message anew.</summary>
internal sealed record BareEvent(long Seq, string Id, string Type, DateTimeOffset Time, BareActor Actor, BareData Data);

/// <summary>Who did it.</summary>
internal sealed record BareActor(string Kind, string Id);

/// <summary>The data of a <see cref="BareEvent"/>.</summary>
internal sealed record BareData(string At, string Text);
