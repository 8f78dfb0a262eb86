using FsCheck;
using FsCheck.Fluent;
using RealtimeHub.Contracts;
using static RealtimeHub.Core.Tests.Delivery.Model.ModelCommand;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>Makes cases, and smaller ones of a case.</summary>
internal static class ModelCases
{
    private static readonly Gen<int> Any = Gen.Choose(0, 999);
    private static readonly Gen<bool> Coin = Gen.Elements(true, false);
    private static readonly Gen<SubscribeFrom> From = Gen.Elements(SubscribeFrom.Latest, SubscribeFrom.Earliest, SubscribeFrom.Snapshot);

    private static readonly (int Weight, Gen<ModelCommand> Command)[] Always =
    [
        (45, Of(from topic in Any from what in Any from which in Any from count in Gen.Choose(1, 6) select new Append(topic, what, which, count))),
        (14, Of(from client in Any from topic in Any from begin in From select new SubscribeTo(client, topic, begin))),
    ];

    private static readonly (int Weight, Gen<ModelCommand> Command)[] Sometimes =
    [
        (4, Of(from topic in Any from what in Any from which in Any select new AppendMisplaced(topic, what, which))),
        (5, Of(from topic in Any from user in Any from joins in Coin select new ChangeAccess(topic, user, joins))),
        (6, Of(from client in Any from topic in Any from back in Gen.Choose(0, 4) select new Resume(client, topic, back))),
        (3, Of(from client in Any from topic in Any from which in Any select new ResumeAny(client, topic, which))),
        (3, Of(from client in Any from topic in Any from first in From from second in From from other in Any
               select new SubscribeTwice(client, topic, first, second, other))),
        (4, Of(from client in Any from topic in Any from count in Gen.Choose(1, 2) select new UnsubscribeFrom(client, topic, count))),
        (9, Of(Any.Select(client => new Stall(client)))),
        (9, Of(Any.Select(client => new Read(client)))),
        (7, Of(Any.Select(client => new ReadOne(client)))),
        (4, Of(from client in Any from lags in Coin select new Lag(client, lags))),
        (4, Of(Any.Select(client => new Reconnect(client)))),
        (5, Of(Gen.Choose(1, 12).Select(halves => new PassTime(halves)))),
        (4, Of(Coin.Select(isHeld => new HoldTail(isHeld)))),
        (4, Of(Coin.Select(areHeld => new HoldReads(areHeld)))),
        (2, Of(Gen.Choose(1, 3).Select(count => new FailReads(count)))),
        (2, Of(Coin.Select(isDown => new SetDown(isDown)))),
        (1, Of(Gen.Choose(0, 110).Select(percent => new Replace(percent)))),
        (2, Of(Any.Select(topic => new Purge(topic)))),
    ];

    private static readonly Gen<ModelTuning> Tuning =
        from ring in Gen.Frequency((1, Gen.Constant((1000, 1000))), (3, Gen.Choose(1, 4).Zip(Gen.Choose(5, 11))))
        from page in Gen.Choose(1, 7)
        from batch in Gen.Elements(1, 700, 64 * 1024)
        from frames in Gen.Choose(1, 8)
        from reads in Gen.Choose(1, 3)
        from behind in Gen.Choose(3, 50)
        from progress in Gen.Elements(2, 5, 100_000)
        from idle in Gen.Elements(1, 4, 100_000)
        from most in Gen.Elements(1, 2, 256, 256)
        from tail in Gen.Choose(1, 4)
        from checkpoint in Gen.Elements(10, 50)
        select new ModelTuning(ring.Item1, ring.Item2, page, batch, frames, reads, behind, progress, idle, most, tail, checkpoint);

    public static Arbitrary<ModelCase> Arbitrary { get; } = Arb.From(Gen.Sized(Case), Shrink);

    // A case uses some kinds of command and not others: with all of them at once each gets in the way of the others.
    private static Gen<ModelCase> Case(int size) =>
        from tuning in Tuning
        from kinds in Gen.Choose(1, 3).ArrayOf(Sometimes.Length)
        let commands = Gen.Frequency([.. Always.Concat(Sometimes.Where((_, i) => kinds[i] > 1))])
        from count in Gen.Choose(10, 20 + (size * 2))
        from steps in Step(commands).ArrayOf(count)
        select new ModelCase(tuning, steps);

    private static Gen<ModelStep> Step(Gen<ModelCommand> commands) =>
        from command in commands
        from turns in Gen.Frequency((4, Gen.Choose(0, 4)), (3, Gen.Choose(5, 30)), (2, Gen.Constant(Turns.All)))
        from seed in Gen.Choose(1, 1_000_000)
        select new ModelStep(command, turns, seed);

    private static IEnumerable<ModelCase> Shrink(ModelCase whole)
    {
        // Fewer steps: large pieces go first.
        var steps = whole.Steps;
        for (var length = Math.Max(1, steps.Count / 2); length > 0 && steps.Count > 0; length /= 2)
        {
            for (var start = steps.Count - length; start > -length; start -= length)
            {
                var from = Math.Max(0, start);
                yield return whole with { Steps = [.. steps.Take(from), .. steps.Skip(start + length)] };
            }
        }

        // A plainer order of things.
        for (var i = 0; i < steps.Count; i++)
        {
            foreach (var plainer in Plainer(steps[i]))
            {
                yield return whole with { Steps = [.. steps.Take(i), plainer, .. steps.Skip(i + 1)] };
            }
        }

        foreach (var tuning in Plainer(whole.Tuning).Where(t => t != whole.Tuning))
        {
            yield return whole with { Tuning = tuning };
        }
    }

    private static IEnumerable<ModelStep> Plainer(ModelStep step)
    {
        if (step.Turns != Turns.All)
        {
            yield return step with { Turns = Turns.All, Seed = 0 };
        }

        if (step.Seed != 0)
        {
            yield return step with { Seed = 0 };
        }

        if (step.Command is Append { Count: > 1 } append)
        {
            yield return step with { Command = append with { Count = append.Count - 1 } };
        }
    }

    private static IEnumerable<ModelTuning> Plainer(ModelTuning tuning)
    {
        var plain = ModelTuning.Plain;
        yield return plain;
        yield return tuning with { RingEvents = plain.RingEvents, RingMaxEvents = plain.RingMaxEvents };
        yield return tuning with { PageEvents = plain.PageEvents };
        yield return tuning with { BatchBytes = plain.BatchBytes };
        yield return tuning with { FramesPerTurn = plain.FramesPerTurn };
        yield return tuning with { LogReadsPerNode = plain.LogReadsPerNode };
        yield return tuning with { BehindEvents = plain.BehindEvents };
        yield return tuning with { ProgressSeconds = plain.ProgressSeconds };
        yield return tuning with { FeedIdleSeconds = plain.FeedIdleSeconds };
        yield return tuning with { MaxSubscriptions = plain.MaxSubscriptions };
        yield return tuning with { TailBatch = plain.TailBatch };
        yield return tuning with { CheckpointEvents = plain.CheckpointEvents };
    }

    private static Gen<ModelCommand> Of<T>(Gen<T> commands)
        where T : ModelCommand => commands.Select(c => (ModelCommand)c);
}
