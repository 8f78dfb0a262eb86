using RealtimeHub.Client.Connection;

namespace RealtimeHub.Client.Tests;

public sealed class BackoffTests
{
    private static readonly TimeSpan Base = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(30);

    [Fact]
    public void Delay_LargestJitter_DoublesUpToTheCap()
    {
        var backoff = new Backoff(Base, Max, () => 1);

        Enumerable.Range(0, 8).Select(n => backoff.Delay(n).TotalSeconds).Should().Equal(0.5, 1, 2, 4, 8, 16, 30, 30);
    }

    [Fact]
    public void Delay_AttemptBeyondAnyDouble_StaysAtTheCap() =>
        new Backoff(Base, Max, () => 1).Delay(int.MaxValue).Should().Be(Max);

    [Fact]
    public void Delay_SmallestJitter_IsNone() => new Backoff(Base, Max, () => 0).Delay(5).Should().Be(TimeSpan.Zero);

    [Fact]
    public void Delay_RealJitter_FillsTheWholeRange()
    {
        var backoff = new Backoff(Base, Max, Random.Shared.NextDouble);

        var delays = Enumerable.Range(0, 1000).Select(_ => backoff.Delay(3).TotalSeconds).ToList();

        delays.Should().OnlyContain(d => d >= 0 && d < 4);
        delays.Min().Should().BeLessThan(0.5);
        delays.Max().Should().BeGreaterThan(3.5);
    }
}
