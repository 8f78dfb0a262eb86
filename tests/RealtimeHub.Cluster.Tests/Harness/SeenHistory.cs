using System.Text;
using RealtimeHub.Contracts;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>What the protocol promises of what somebody saw who watched from the beginning, however often they had to resume.</summary>
internal static class SeenHistory
{
    /// <summary>
    /// What is wrong with it; null when nothing is. Every state event of the log is there exactly once and in order; nothing comes twice; and the
    /// deltas of each message are in order and without a hole from its start, possibly cut off by its <c>.completed</c>.
    /// </summary>
    /// <param name="seen">In the order in which it came.</param>
    /// <param name="log">The state events of the log; what was seen after the last one is not compared with it.</param>
    public static string? FaultIn(IReadOnlyList<Seen> seen, IReadOnlyList<Seen> log)
    {
        var texts = new Dictionary<string, StringBuilder>(StringComparer.Ordinal);
        var (last, states) = (0L, 0);
        foreach (var e in seen)
        {
            if (e.Sequence <= last)
            {
                return $"{e} comes after {last}.";
            }

            last = e.Sequence;
            if (e.IsState && states < log.Count && e != log[states++])
            {
                return $"{e} comes where {log[states - 1]} is in the log.";
            }

            if (FaultIn(e, texts) is { } fault)
            {
                return fault;
            }
        }

        return states == log.Count ? null : $"{log[states]} is missing.";
    }

    private static string? FaultIn(Seen e, Dictionary<string, StringBuilder> texts)
    {
        var text = e.Message is { } message ? texts.GetValueOrDefault(message) : null;
        switch (e.Type)
        {
            case EventTypes.MessageStarted:
                texts[e.Message!] = new StringBuilder();
                return null;
            case EventTypes.MessageDelta when text is null:
                return $"{e} belongs to no open message.";
            case EventTypes.MessageDelta when e.Offset != text!.Length:
                return $"{e} comes where {text.Length} characters are known.";
            case EventTypes.MessageDelta:
                text.Append(e.Text);
                return null;
            case EventTypes.MessageCompleted:
                texts.Remove(e.Message!);
                return text is null || e.Text!.StartsWith(text.ToString(), StringComparison.Ordinal) ? null : $"{e} does not begin with its deltas: {text}";
            default:
                return null;
        }
    }
}
