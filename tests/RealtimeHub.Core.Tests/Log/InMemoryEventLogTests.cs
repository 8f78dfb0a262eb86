using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;
using RealtimeHub.Specification.Log;

namespace RealtimeHub.Core.Tests.Log;

/// <summary>The oracle passes what the backends must pass, and fails when it is told to.</summary>
public sealed class InMemoryEventLogTests : EventLogSpecification
{
    private readonly FakeTimeProvider time = new(TestEvents.Time);
    private readonly InMemoryEventLog log;

    public InMemoryEventLogTests() => log = new InMemoryEventLog(time: time);

    protected override ValueTask<IEventLogHarness> CreateAsync() => ValueTask.FromResult<IEventLogHarness>(new InMemoryHarness(log, time));

    [Theory]
    [InlineData(FaultPoint.BeforeStoring, 0)]
    [InlineData(FaultPoint.AfterStoring, 1)]
    public async Task Append_FaultInjected_FailsThatOften(FaultPoint point, int storedByTheFirst)
    {
        log.Faults.FailNextWrites(2, point);
        for (var i = 0; i < 2; i++)
        {
            await FluentActions.Awaiting(() => AppendAsync(0, TestEvents.State("a"))).Should().ThrowAsync<LogUnavailableException>();
            log.Events.Should().HaveCount(storedByTheFirst);
        }

        (await AppendAsync(0, TestEvents.State("a"))).Duplicates.Should().Be(storedByTheFirst);
    }

    [Fact]
    public async Task Tail_LogGoesDown_EndsAndCanBeResumed()
    {
        await StoreAsync(Topic, TestEvents.State("a"));
        await using (var tail = new TailReader(log, 1))
        {
            var wait = tail.WaitAsync();
            log.Faults.IsDown = true;
            await FluentActions.Awaiting(() => wait).Should().ThrowAsync<LogUnavailableException>();
        }

        log.Faults.IsDown = false;
        await using var again = new TailReader(log, 0);
        IdsOf(await again.TakeAsync(1)).Should().Equal("a");
    }

    [Fact]
    public async Task Tail_LogRolledBack_Ends()
    {
        await StoreAsync(Topic, TestEvents.State("a"), TestEvents.State("b"));
        await using var tail = new TailReader(log, 2);
        var wait = tail.WaitAsync();

        log.RollBack(1);

        await FluentActions.Awaiting(() => wait).Should().ThrowAsync<LogUnavailableException>();
    }

    private sealed class InMemoryHarness(InMemoryEventLog log, FakeTimeProvider time) : IEventLogHarness
    {
        public IEventLog Log => log;

        public Task<DateTimeOffset> MarkTimeAsync()
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(time.GetUtcNow());
        }

        public Task RollBackAsync(long toSequence)
        {
            log.RollBack(toSequence);
            return Task.CompletedTask;
        }

        public Task RenewAsync()
        {
            log.Renew();
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => default;
    }
}
