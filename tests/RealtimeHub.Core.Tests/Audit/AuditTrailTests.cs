using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Audit;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Audit;

public sealed class AuditTrailTests : AuditWorld
{
    [Fact]
    public async Task Record_TheFirst_IsKeptAtOnceAndTheNextTogetherASecondLater()
    {
        await Node.StartAsync();
        var timers = Node.Time.Timers;
        Deny(1);
        await UntilKeptAsync(1);
        await UntilWaitingAsync(timers);
        Deny(2);
        Deny(3, tenant: "globex");
        Deny(4);

        (await DocumentsAsync()).Should().ContainSingle();
        Node.Time.Advance(TimeSpan.FromSeconds(1));
        await UntilKeptAsync(4);

        (await DocumentsAsync()).Select(d => d.Count).Should().BeEquivalentTo([1, 2, 1]);
        (await AuditAsync()).Items.Select(i => i.Actor.Id).Should().BeEquivalentTo("u1", "u2", "u4");
    }

    [Fact]
    public async Task Stop_WritesWhatIsLeft()
    {
        await Node.StartAsync();
        var timers = Node.Time.Timers;
        Deny(1);
        await UntilKeptAsync(1);
        await UntilWaitingAsync(timers);
        Deny(2);

        await Node.StopAsync();

        (await DocumentsAsync()).Sum(d => d.Count).Should().Be(2);
    }

    // A host that is stopped from outside while its program ends by itself is stopped twice, and closed after the one that ends first.
    [Fact]
    public async Task Stop_TwiceAtOnce_WhatIsLeftIsWrittenBeforeEitherEnds()
    {
        await Node.StartAsync();
        await Node.StopAsync();
        for (var i = 1; i <= 200; i++)
        {
            Deny(i);
            using var together = new Barrier(2);
            var stops = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            {
                together.SignalAndWait(TestContext.Current.CancellationToken);
                await Trail.StopAsync(TestContext.Current.CancellationToken);
                return (await DocumentsAsync()).Count;
            }));

            (await Task.WhenAll(stops)).Should().AllBeEquivalentTo(i);
        }
    }

    [Fact]
    public async Task Record_Flood_DropsCountsAndSaysSo()
    {
        for (var i = 0; i < AuditTrail.Capacity + 5; i++)
        {
            Deny(i);
        }

        await Node.StartAsync();
        await UntilKeptAsync(AuditTrail.Capacity + 1);

        Dropped.Should().Be(5);
        (await AllAsync(200)).Should().ContainSingle(i => i.Dropped != null)
            .Which.Should().BeEquivalentTo(new { Dropped = 5L, Actor = Subject.System, Outcome = "rate_limited", Surface = "none" });
        Node.Warnings.Should().ContainSingle(w => w.Contains("5 audit records of acme", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(FaultPoint.BeforeStoring, false)]
    [InlineData(FaultPoint.AfterStoring, false)]
    [InlineData(FaultPoint.BeforeStoring, true)]
    public async Task Record_WhenTheStoreFails_IsKeptOnceLater(FaultPoint point, bool isUnforeseen)
    {
        await Node.StartAsync();
        var timers = Node.Time.Timers;
        Node.Documents.Faults.FailNextWrites(1, point, isUnforeseen ? new InvalidOperationException("The store is in an unforeseen state.") : null);
        Deny(1);
        await UntilWaitingAsync(timers);
        Deny(2);

        Node.Time.Advance(TimeSpan.FromSeconds(1));
        await UntilKeptAsync(2);

        (await AuditAsync()).Items.Select(i => i.Actor.Id).Should().BeEquivalentTo("u1", "u2");
    }

    [Fact]
    public async Task Retention_RemovesWhatIsOldAndNothingElse()
    {
        await Node.StartAsync();
        await Node.UntilAsync(HasRemovalPosition);
        Deny(1);
        await UntilKeptAsync(1);
        Node.Time.Advance(TimeSpan.FromDays(60));
        Deny(2);
        await UntilKeptAsync(2);

        Node.Time.Advance(TimeSpan.FromDays(31));
        await UntilKeptAsync(1);

        (await AuditAsync()).Items.Should().ContainSingle().Which.Actor.Should().Be(Subject.User("u2"));
    }

    private async ValueTask<bool> HasRemovalPosition() =>
        await Node.Documents.GetAsync(AuditKeys.RemovedTo, TestContext.Current.CancellationToken) is not null;
}
