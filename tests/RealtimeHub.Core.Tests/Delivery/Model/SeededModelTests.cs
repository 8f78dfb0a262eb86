namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>Whatever happens, each client's history is the log's: in any order of turns, one after the other.</summary>
public sealed class SeededModelTests
{
    [Fact]
    public void AnySteps_AnyOrderOfTurns_HistoriesAreTheLogs() => Falsifier.Check(seeds: 6, cases: 250, tries: 1, () => new SeededTurns());
}
