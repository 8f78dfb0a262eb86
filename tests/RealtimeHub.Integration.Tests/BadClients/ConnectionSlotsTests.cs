using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Contracts;
using RealtimeHub.Core;
using RealtimeHub.Server.Admission;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>How the connections of a user are counted.</summary>
public sealed class ConnectionSlotsTests
{
    private static readonly SlotHolder Ada = new("acme", new Subject(SubjectKind.User, "ada"));
    private static readonly SlotHolder Ben = new("acme", new Subject(SubjectKind.User, "ben"));

    private readonly FakeTimeProvider time = new();

    [Fact]
    public void TryTake_OverTheLimit_IsRefusedUntilOneIsFree()
    {
        var slots = Make(limit: 2);
        var first = slots.TryTake(Ada)!;
        slots.TryOpen(Ada, "a").Should().NotBeNull();

        (slots.TryTake(Ada), slots.TryOpen(Ada, "b"), slots.HasRoom(Ada)).Should().Be((null, null, false));
        slots.HasRoom(Ben).Should().BeTrue();
        slots.HasRoom(Ada with { Tenant = "other" }).Should().BeTrue("a user of that name in another tenant is somebody else");
        first.Dispose();
        first.Dispose();

        slots.TryTake(Ada).Should().NotBeNull();
        slots.TryTake(Ada).Should().BeNull("a slot is freed once");
    }

    [Fact]
    public void TryOpen_OfWhatWasNegotiated_TakesNoSecondSlot()
    {
        var slots = Make(limit: 1);
        slots.TryTake(Ada)!.KeepFor("c");

        slots.TryOpen(Ada, "other").Should().BeNull();
        var open = slots.TryOpen(Ada, "c");
        open.Should().NotBeNull();
        slots.TryOpen(Ada, "c").Should().BeNull("it is open already");
        time.Advance(TimeSpan.FromHours(1));
        slots.HasRoom(Ada).Should().BeFalse("what is open does not lapse");

        open.Dispose();
        (slots.HasRoom(Ada), slots.Count).Should().Be((true, 0));
    }

    [Fact]
    public void TryOpen_OfWhatSomebodyElseNegotiated_TakesASlotOfOnesOwn()
    {
        var slots = Make(limit: 1);
        slots.TryTake(Ada)!.KeepFor("c");

        slots.TryOpen(Ben, "c").Should().NotBeNull();

        (slots.HasRoom(Ben), slots.Count).Should().Be((false, 2));
        slots.TryOpen(Ada, "c").Should().NotBeNull();
    }

    [Fact]
    public void Negotiated_AndNeverOpened_Lapses()
    {
        var slots = Make(limit: 2);
        slots.TryTake(Ada)!.KeepFor("c");
        time.Advance(TimeSpan.FromSeconds(14));
        slots.TryTake(Ada)!.KeepFor("d");
        time.Advance(TimeSpan.FromSeconds(0.9));
        slots.HasRoom(Ada).Should().BeFalse();

        time.Advance(TimeSpan.FromSeconds(0.1));

        slots.TryOpen(Ada, "c").Should().NotBeNull("one who comes too late has a slot if there is one");
        slots.HasRoom(Ada).Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(14));
        (slots.HasRoom(Ada), slots.Count).Should().Be((true, 1));
    }

    [Fact]
    public void DisposeUnlessKept_OfOneThatCameToNothing_FreesIt()
    {
        var slots = Make(limit: 2);
        var kept = slots.TryTake(Ada)!;
        kept.KeepFor("c");
        var failed = slots.TryTake(Ada)!;

        kept.DisposeUnlessKept();
        failed.DisposeUnlessKept();

        slots.Count.Should().Be(1);
    }

    [Fact]
    public void Limit_Zero_IsOff()
    {
        var slots = Make(limit: 0);

        Enumerable.Range(0, 1_000).Select(_ => slots.TryTake(Ada)).Should().NotContainNulls();
    }

    [Fact]
    public void TryTake_ByManyAtOnce_NeverPassesTheLimit()
    {
        var slots = Make(limit: 20);
        var (inside, most, refused) = (0, 0, 0);

        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken }, i =>
        {
            using var slot = i % 2 == 0 ? slots.TryTake(Ada) : slots.TryOpen(Ada, $"c-{i}");
            if (slot is null)
            {
                Interlocked.Increment(ref refused);
                return;
            }

            var now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            Thread.Yield();
            Interlocked.Decrement(ref inside);
        });

        most.Should().BeInRange(1, 20);
        slots.Count.Should().Be(0);
        Enumerable.Range(0, 21).Count(_ => slots.TryTake(Ada) is not null).Should().Be(20);
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); now > seen;)
        {
            seen = Interlocked.CompareExchange(ref most, now, seen);
        }
    }

    private ConnectionSlots Make(int limit) => new(
        new Limits { ConnectionsPerUser = limit },
        Options.Create(new ConnectionOptions { DisconnectTimeout = TimeSpan.FromSeconds(15) }), time);
}
