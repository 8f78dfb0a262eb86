using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.CrashWriter;

/// <summary>Events that follow from their id alone, so that a reader can tell whether what it reads is what was written.</summary>
public static class CrashEvents
{
    /// <summary>How many loops append at the same time; each has a topic of its own.</summary>
    public const int Writers = 4;

    /// <summary>How many events the last of the writers appends at once; the others append one.</summary>
    public const int Together = 3;

    /// <summary>The topic of a writer.</summary>
    public static TopicKey Topic(int writer) => new("acme", Contracts.Topic.Conversation($"w{writer}"));

    /// <summary>The events of one append: the first on the state lane, the others on the stream lane.</summary>
    public static NewEvent[] Append(int run, int writer, int number)
    {
        var count = writer == Writers - 1 ? Together : 1;
        return [.. Enumerable.Range(0, count).Select(part => Event($"{run}-{writer}-{number}-{part}", part == 0 ? Lane.State : Lane.Stream))];
    }

    /// <summary>The event of that id; up to 16 KB, so that some spill over many pages.</summary>
    public static NewEvent Event(string id, Lane lane)
    {
        var hash = id.Aggregate(17, (h, c) => unchecked((h * 31) + c)) & 0xffff;
        var data = Encoding.UTF8.GetBytes($$"""{"text":"{{new string((char)('a' + (hash % 26)), hash % 10 == 0 ? hash / 4 : hash % 200)}}"}""");
        var type = lane == Lane.State ? "custom.crash" : EventTypes.MessageDelta;
        return new NewEvent(id, lane, EventBody.Write(id, type, DateTimeOffset.UnixEpoch, Subject.System, data));
    }

    /// <summary>The line that says that an append is on the disk; one without its end was cut off by the kill.</summary>
    public static string Line(long lastSequence, string lastId) => $"stored {lastSequence} {lastId} .";

    /// <summary>Reads <see cref="Line"/>; null for anything else.</summary>
    public static (long LastSequence, string LastId)? ReadLine(string line) =>
        line.Split(' ') is ["stored", var sequence, var id, "."] ? (long.Parse(sequence), id) : null;
}
