using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>Something that a client, an agent, the log or the clock does. Its numbers mean something modulo what there is when it is done.</summary>
internal abstract record ModelCommand
{
    /// <summary>The conversation goes on as a service would have stored it.</summary>
    internal sealed record Append(int Topic, int What, int Which, int Count) : ModelCommand;

    /// <summary>The backbone brings what has no place: deltas of what is complete, unknown or elsewhere, second ends.</summary>
    internal sealed record AppendMisplaced(int Topic, int What, int Which) : ModelCommand;

    /// <summary>A user is let in, or has left.</summary>
    internal sealed record ChangeAccess(int Topic, int User, bool Joins) : ModelCommand;

    /// <summary>Subscribes, without a cursor.</summary>
    internal sealed record SubscribeTo(int Client, int Topic, SubscribeFrom From) : ModelCommand;

    /// <summary>Subscribes with a cursor of its own, the newest or one before it.</summary>
    internal sealed record Resume(int Client, int Topic, int Back) : ModelCommand;

    /// <summary>Subscribes with any cursor that anybody ever held.</summary>
    internal sealed record ResumeAny(int Client, int Topic, int Which) : ModelCommand;

    /// <summary>Subscribes twice to one topic and once to another in a single call.</summary>
    internal sealed record SubscribeTwice(int Client, int Topic, SubscribeFrom First, SubscribeFrom Second, int Other) : ModelCommand;

    internal sealed record UnsubscribeFrom(int Client, int Topic, int Count) : ModelCommand;

    /// <summary>The client reads nothing.</summary>
    internal sealed record Stall(int Client) : ModelCommand;

    /// <summary>The client reads again.</summary>
    internal sealed record Read(int Client) : ModelCommand;

    /// <summary>The client reads a frame, if there is one.</summary>
    internal sealed record ReadOne(int Client) : ModelCommand;

    /// <summary>From now on the client takes each frame at once, or a turn later.</summary>
    internal sealed record Lag(int Client, bool Lags) : ModelCommand;

    /// <summary>The connection breaks; the client comes back with the cursors that it has.</summary>
    internal sealed record Reconnect(int Client) : ModelCommand;

    internal sealed record PassTime(int HalfSeconds) : ModelCommand;

    /// <summary>The node's tail lags, or no longer.</summary>
    internal sealed record HoldTail(bool IsHeld) : ModelCommand;

    /// <summary>The log takes its time with reads, or answers them.</summary>
    internal sealed record HoldReads(bool AreHeld) : ModelCommand;

    internal sealed record FailReads(int Count) : ModelCommand;

    internal sealed record SetDown(bool IsDown) : ModelCommand;

    /// <summary>A backup takes the log's place, in another epoch; it holds so many percent of it.</summary>
    internal sealed record Replace(int Percent) : ModelCommand;

    /// <summary>Retention removes deltas of what is complete.</summary>
    internal sealed record Purge(int Topic) : ModelCommand;
}

/// <summary>A command, and what of its consequences happens before the next one.</summary>
/// <param name="Command">What is done.</param>
/// <param name="Turns">How many turns are taken then.</param>
/// <param name="Seed">Whose; 0: in the order in which they came up.</param>
internal sealed record ModelStep(ModelCommand Command, int Turns, int Seed)
{
    public override string ToString() =>
        $"{Command.ToString()!.Replace(" { ", "(", StringComparison.Ordinal).Replace(" }", ")", StringComparison.Ordinal)}"
        + (Turns == Model.Turns.All ? "" : $", then {Turns} turns") + (Seed == 0 || Turns == 0 ? "" : $" by seed {Seed}");
}

/// <summary>How the engine is tuned: rings, pages, batches and turns so small that everything happens all the time.</summary>
internal sealed record ModelTuning(
    int RingEvents, int RingMaxEvents, int PageEvents, int BatchBytes, int FramesPerTurn, int LogReadsPerNode, int BehindEvents,
    int ProgressSeconds, int FeedIdleSeconds, int MaxSubscriptions, int TailBatch, int CheckpointEvents)
{
    /// <summary>What is shrunk to: nothing in it plays a part.</summary>
    public static ModelTuning Plain { get; } = new(1000, 1000, 1000, 64 * 1024, 8, 8, 1000, 100_000, 100_000, 256, 1000, 2000);

    /// <summary>What differs from <see cref="Plain"/>.</summary>
    public override string ToString() => string.Join(", ", typeof(ModelTuning).GetProperties()
        .Where(p => p.PropertyType == typeof(int) && !Equals(p.GetValue(this), p.GetValue(Plain))).Select(p => $"{p.Name} = {p.GetValue(this)}"));

    public DeliveryOptions ToOptions() => new()
    {
        RingEvents = RingEvents,
        RingMaxEvents = RingMaxEvents,
        PageEvents = PageEvents,
        BatchBytes = BatchBytes,
        FramesPerTurn = FramesPerTurn,
        LogReadsPerNode = LogReadsPerNode,
        BehindEvents = BehindEvents,
        ProgressTimeout = TimeSpan.FromSeconds(ProgressSeconds),
        FeedIdleTime = TimeSpan.FromSeconds(FeedIdleSeconds),
    };
}

/// <summary>Everything that was random.</summary>
internal sealed record ModelCase(ModelTuning Tuning, IReadOnlyList<ModelStep> Steps)
{
    public override string ToString()
    {
        var text = new StringBuilder().AppendLine($"{Tuning}");
        foreach (var (step, index) in Steps.Select((s, i) => (s, i)))
        {
            text.AppendLine($"{index + 1,4}. {step}");
        }

        return text.ToString();
    }
}
