using RealtimeHub.Cluster.Tests.Harness;
using RealtimeHub.Contracts;

namespace RealtimeHub.Cluster.Tests;

/// <summary>The checker of what watchers saw finds what it is there for.</summary>
public sealed class SeenHistoryTests
{
    private static readonly Seen Said = new(1, "said", EventTypes.MessageCreated);
    private static readonly Seen Start = new(2, "start", EventTypes.MessageStarted, "m");
    private static readonly Seen One = new(3, "one", EventTypes.MessageDelta, "m", "Once ", 0);
    private static readonly Seen Two = new(4, "two", EventTypes.MessageDelta, "m", "upon ", 5);
    private static readonly Seen Three = new(5, "three", EventTypes.MessageDelta, "m", "a time", 10);
    private static readonly Seen End = new(6, "end", EventTypes.MessageCompleted, "m", "Once upon a time");
    private static readonly Seen After = new(7, "after", EventTypes.MessageCreated);
    private static readonly Seen[] Log = [Said, Start, End, After];

    [Fact]
    public void FaultIn_WhatThePromiseAllows_IsNull()
    {
        FaultIn(Said, Start, One, Two, Three, End, After).Should().BeNull();
        FaultIn(Said, Start, One, End, After).Should().BeNull("deltas may be cut off");
        FaultIn(Said, Start, End, After).Should().BeNull("deltas may be left out");
        FaultIn(Said, Start, One, Two, Three, End, After, new Seen(8, "later", EventTypes.MessageCreated)).Should().BeNull("more has come since the log was read");
    }

    [Fact]
    public void FaultIn_DeltasWithAHole_IsFound()
    {
        FaultIn(Said, Start, One, Three, End, After).Should().Contain("three").And.Contain("5 characters");
        FaultIn(Said, Start, Two, Three, End, After).Should().Contain("two").And.Contain("0 characters");
        FaultIn(Said, Start, One, Two with { Text = "on a " }, Three, End, After).Should().Contain("end").And.Contain("does not begin");
    }

    [Fact]
    public void FaultIn_SomethingTwice_IsFound()
    {
        FaultIn(Said, Start, One, One, End, After).Should().Contain("one").And.Contain("comes after 3");
        FaultIn(Said, Start, One, One with { Sequence = 4 }, End, After).Should().Contain("one").And.Contain("5 characters");
        FaultIn(Said, Said, Start, End, After).Should().Contain("said").And.Contain("comes after 1");
    }

    [Fact]
    public void FaultIn_Misordered_IsFound()
    {
        FaultIn(Said, Start, Two, One, End, After).Should().Contain("two");
        FaultIn(Start, Said, End, After).Should().Contain("start").And.Contain("said");
        FaultIn(Said, One, Start, End, After).Should().Contain("one").And.Contain("no open message");
        FaultIn(Said, Start, One, End, Two with { Sequence = 7 }).Should().Contain("two").And.Contain("no open message");
    }

    [Fact]
    public void FaultIn_StateEventMissing_IsFound()
    {
        FaultIn(Said, Start, One, Two, Three, After).Should().Contain("after").And.Contain("end");
        FaultIn(Said, Start, One, Two, Three, End).Should().Contain("after").And.Contain("missing");
    }

    [Fact]
    public void FaultIn_StateEventThatIsNotInTheLog_IsFound() =>
        FaultIn(Said, Start, End with { Text = "Once more" }, After).Should().Contain("Once more");

    private static string? FaultIn(params Seen[] seen) => SeenHistory.FaultIn(seen, Log);
}
