using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>Looks for a case in which the engine breaks a promise, and for the smallest such.</summary>
/// <remarks>
/// The ordinary run takes the seeds from 1 on. With <c>REALTIMEHUB_SOAK_MINUTES</c> new ones are taken until the time is over, with
/// <c>REALTIMEHUB_SOAK_SEED</c> the one that is named.
/// </remarks>
internal sealed class Falsifier
{
    private const int MostFailures = 3;
    private const int MostShrinks = 5000;
    private static readonly TimeSpan TimeForShrinks = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly Func<Turns> turns;
    private readonly int tries;
    private (ModelCase Case, Exception Why)? smallest;
    private int runs;
    private int shrinks;
    private long foundAt;
    private bool isEndless;

    private Falsifier(Func<Turns> turns, int tries) => (this.turns, this.tries) = (turns, tries);

    /// <summary>Runs so many cases of each seed, and fails with what was found.</summary>
    /// <param name="seeds">How many seeds the ordinary run takes.</param>
    /// <param name="cases">How many cases of each.</param>
    /// <param name="tries">How often a smaller case is tried before it counts as one that holds.</param>
    /// <param name="turns">Where a case runs.</param>
    public static void Check(int seeds, int cases, int tries, Func<Turns> turns)
    {
        var failures = Seeds(seeds).Select(seed => new Falsifier(turns, tries).Falsify(seed, cases)).OfType<string>().Take(MostFailures).ToList();
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private static IEnumerable<ulong> Seeds(int count)
    {
        if (ulong.TryParse(Environment.GetEnvironmentVariable("REALTIMEHUB_SOAK_SEED"), out var named))
        {
            yield return named;
        }
        else if (int.TryParse(Environment.GetEnvironmentVariable("REALTIMEHUB_SOAK_MINUTES"), out var minutes))
        {
            var started = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(minutes))
            {
                yield return (ulong)Random.Shared.NextInt64();
            }
        }
        else
        {
            for (var seed = 1; seed <= count; seed++)
            {
                yield return (ulong)seed;
            }
        }
    }

    private string? Falsify(ulong seed, int cases)
    {
        var config = Config.Quick.WithMaxTest(cases).WithReplay(new Replay(new Rnd(seed), null)).WithRunner(new SilentRunner());
        FsCheck.Check.One(config, Prop.ForAll(ModelCases.Arbitrary, Holds));
        return smallest is var (found, why)
            ? $"Seed {seed}, case {runs} of {cases}; {found.Steps.Count} steps are left after {shrinks} tries to do with less.\n"
                + $"{found}Broken: {(why is PromiseException ? why.Message : why)}"
            : null;
    }

    private bool Holds(ModelCase whole)
    {
        runs += smallest is null ? 1 : 0;
        if (smallest is not null && (isEndless || shrinks++ >= MostShrinks || TimeProvider.System.GetElapsedTime(foundAt) > TimeForShrinks))
        {
            return true;
        }

        for (var left = smallest is null ? 1 : tries; left > 0; left--)
        {
            if (Run(whole) is { } failure)
            {
                foundAt = smallest is null ? TimeProvider.System.GetTimestamp() : foundAt;
                smallest = (whole, failure);
                return false;
            }
        }

        return true;
    }

    // On a thread of its own, which is left behind if it goes round in circles; then the case is not made any smaller.
    private Exception? Run(ModelCase whole)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                DeliveryModel.Run(whole, turns());
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { IsBackground = true };
        thread.Start();
        if (thread.Join(Long))
        {
            return failure;
        }

        isEndless = true;
        return new PromiseException("it never ends");
    }

    // FsCheck's own would print the case as it was found, too, which is long.
    private sealed class SilentRunner : IRunner
    {
        public void OnStartFixture(Type t)
        {
        }

        public void OnArguments(int ntest, FSharpList<object> args, FSharpFunc<int, FSharpFunc<FSharpList<object>, string>> every)
        {
        }

        public void OnShrink(FSharpList<object> args, FSharpFunc<FSharpList<object>, string> everyShrink)
        {
        }

        public void OnFinished(string name, FsCheck.TestResult result)
        {
        }
    }
}
