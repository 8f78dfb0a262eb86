using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Tests.Pipeline;

/// <summary>"Same body" means equal after binding, whatever the transport: JSON and MessagePack write the same number differently.</summary>
public sealed class RequestHashTests
{
    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("1", "1.000e0")]
    [InlineData("1000", "1e3")]
    [InlineData("-7", "-7.0")]
    [InlineData("0", "-0")]
    [InlineData("0", "-0.0")]
    [InlineData("0.1", "1E-1")]
    [InlineData("0.5", "0.50")]
    [InlineData("9007199254740992", "9007199254740992.0")]
    [InlineData("10000000000000000000", "1e19")]
    [InlineData("100000000000000000000", "1E+20")]
    public void Of_TheSameNumberWrittenDifferently_IsTheSame(string one, string other) => HashOf(one).Should().Be(HashOf(other));

    [Theory]
    [InlineData("1", "2")]
    [InlineData("1", "1.5")]
    [InlineData("0.1", "0.2")]
    [InlineData("1", "\"1\"")]
    [InlineData("9007199254740992", "9007199254740993")]
    [InlineData("18446744073709551614", "18446744073709551615")]
    [InlineData("1e400", "-1e400")]
    public void Of_OtherNumbers_IsAnother(string one, string other) => HashOf(one).Should().NotBe(HashOf(other));

    private static string HashOf(string number) =>
        RequestHash.Of(new StartRun { AgentId = "writer", Input = JsonDocument.Parse($$"""{"x":[{{number}}]}""").RootElement });
}
