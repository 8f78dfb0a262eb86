using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>How much of a topic goes into its snapshot.</summary>
/// <param name="OpenText">Longest text of what is open, in UTF-16 units.</param>
/// <param name="ClosedText">Longest text of what is closed, in UTF-16 units; so are JSON strings; other JSON that is longer is left out.</param>
/// <param name="Messages">Closed messages, newest first.</param>
/// <param name="Runs">Closed runs, newest first.</param>
/// <param name="Items">Longest list of anything else: what is open, participants, steps, tool calls, agents.</param>
/// <param name="CursorAt">Makes a cursor of the topic.</param>
public sealed record SnapshotBudget(int OpenText, int ClosedText, int Messages, int Runs, int Items, Func<long, StateMark, string> CursorAt)
{
    /// <summary>A snapshot is at most this long, in bytes of UTF-8.</summary>
    public const int MaxBytes = 256 * 1024;

    // Each is tried until the snapshot fits: first what is closed is cut, then less of it is shown, then what is open is cut, and only at
    // last some of it is not shown at all.
    private static readonly (int Open, int Closed, int Messages, int Runs, int Items)[] Steps =
    [
        (All, All, 200, 50, All), (All, 8192, 200, 50, All), (All, 2048, 200, 50, All), (All, 512, 200, 25, All), (All, 256, 100, 10, All),
        (All, 128, 20, 2, All), (65536, 128, 10, 1, All), (16384, 64, 5, 0, All), (4096, 32, 2, 0, All), (512, 16, 0, 0, All),
        (32, 0, 0, 0, All), (32, 0, 0, 0, 1000), (32, 0, 0, 0, 200), (32, 0, 0, 0, 50), (32, 0, 0, 0, 10),
    ];

    private const int All = int.MaxValue;

    /// <summary>Longest name, title or reason, in UTF-16 units.</summary>
    public int Line => Math.Max(ClosedText, 64);

    /// <summary>Whether things are left out that are shown else, beyond what is closed.</summary>
    public bool LeavesOut => Items < All;

    /// <summary>From everything to hardly anything.</summary>
    public static IEnumerable<SnapshotBudget> Falling(Func<long, StateMark, string> cursorAt) =>
        Steps.Select(s => new SnapshotBudget(s.Open, s.Closed, s.Messages, s.Runs, s.Items, cursorAt));

    /// <summary>Writes a text, cut if it is too long; true when it was cut. A character that takes two UTF-16 units is never halved.</summary>
    public static bool WriteText(Utf8JsonWriter writer, string name, string text, int max)
    {
        if (text.Length <= max)
        {
            writer.WriteString(name, text);
            return false;
        }

        writer.WriteString(name, text.AsSpan(0, LengthOf(text, max)));
        return true;
    }

    /// <summary>A JSON string, cut if it is too long, and whether it was.</summary>
    public static (JsonElement Kept, bool Cut) Cut(JsonElement text, int max) =>
        text.GetString() is { } s && s.Length > max ? (JsonSerializer.SerializeToElement(s[..LengthOf(s, max)], ContractsJson.WireType<string>()), true) : (text, false);

    private static int LengthOf(string text, int max) => max > 0 && char.IsHighSurrogate(text[max - 1]) ? max - 1 : max;

    /// <summary>Writes JSON; true when it was too long: then a string is cut, and anything else is left out.</summary>
    public static bool WriteJson(Utf8JsonWriter writer, string name, JsonElement? json, int max)
    {
        if (json is not { ValueKind: not JsonValueKind.Undefined } value)
        {
            return false;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return WriteText(writer, name, value.GetString()!, max);
        }

        if (value.GetRawText().Length > max)
        {
            return true;
        }

        writer.WritePropertyName(name);
        value.WriteTo(writer);
        return false;
    }
}
