namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>Whatever happens, each client's history is the log's: also where turns are taken at the same time.</summary>
/// <remarks>Which thread is first is nobody's to say: a seed says what was done, and need not fail twice.</remarks>
public sealed class ThreadedModelTests
{
    [Fact]
    public void AnySteps_OnManyThreads_HistoriesAreTheLogs() => Falsifier.Check(seeds: 2, cases: 150, tries: 10, () => new ThreadTurns());
}
