using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Integration.Tests.Identity;

public sealed class ConnectionExpiryTests : IClosingSender
{
    private readonly FakeTimeProvider clock = new();
    private readonly List<ClosingMessage> sent = [];

    private ConnectionExpiry Expiry => new(clock, NullLogger<ConnectionExpiry>.Instance);

    public ValueTask SendClosingAsync(ClosingMessage message)
    {
        sent.Add(message);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(60)]
    [InlineData(3600)]
    [InlineData(100 * 24 * 3600)]
    public void Watch_TwoSecondsBeforeTheEnd_SendsClosingOnce(int seconds)
    {
        using var watched = Expiry.Watch(clock.GetUtcNow().AddSeconds(seconds), this);

        clock.Advance(TimeSpan.FromSeconds(seconds - 2) - TimeSpan.FromMilliseconds(1));
        sent.Should().BeEmpty();
        clock.Advance(TimeSpan.FromMilliseconds(1));
        clock.Advance(TimeSpan.FromDays(2));

        sent.Should().ContainSingle().Which.Should().BeEquivalentTo(
            new { Code = ClosingCode.TokenExpired, Reconnect = true, AfterMs = 0 });
    }

    [Fact]
    public void Watch_LessThanTheNoticeIsLeft_SendsAtOnce()
    {
        using var watched = Expiry.Watch(clock.GetUtcNow().AddSeconds(1), this);

        // The fake clock fires what is due when it moves.
        clock.Advance(TimeSpan.FromTicks(1));

        sent.Should().ContainSingle();
    }

    [Fact]
    public void Watch_ConnectionEnded_SendsNothing()
    {
        Expiry.Watch(clock.GetUtcNow().AddSeconds(60), this).Dispose();

        clock.Advance(TimeSpan.FromDays(1));

        sent.Should().BeEmpty();
    }

    [Fact]
    public void Watch_NoEnd_SendsNothing()
    {
        using var watched = Expiry.Watch(DateTimeOffset.MaxValue, this);

        clock.Advance(TimeSpan.FromDays(400));

        sent.Should().BeEmpty();
    }
}
