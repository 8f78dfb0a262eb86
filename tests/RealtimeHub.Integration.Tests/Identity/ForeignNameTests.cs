using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Integration.Tests.Identity;

public sealed class ForeignNameTests
{
    [Theory]
    [InlineData("ada", "ada")]
    [InlineData("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000001")]
    [InlineData("auth0|x", "enc-YXV0aDB8eA")]
    [InlineData("enc-YXV0aDB8eA", "enc-ZW5jLVlYVjBhREI4ZUE")]
    [InlineData("Zoë", "enc-Wm_Dqw")]
    public void TryToId_Name_IsAsTheProtocolSays(string name, string id) => IdOf(name).Should().Be(id);

    [Theory]
    [InlineData(45, false)]
    [InlineData(46, true)]
    [InlineData(32, true)]
    [InlineData(1000, true)]
    public void TryToId_LongNames_AreHashed(int bytes, bool hashed)
    {
        var name = "." + new string('a', bytes - 1);

        var expected = hashed ? SHA256.HashData(Encoding.UTF8.GetBytes(name)) : Encoding.UTF8.GetBytes(name);

        IdOf(name).Should().Be("enc-" + System.Buffers.Text.Base64Url.EncodeToString(expected));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void TryToId_NoText_IsRefused(string? name) => ForeignName.TryToId(name, out _).Should().BeFalse();

    [Fact]
    public void TryToId_LoneSurrogate_IsRefused() => ForeignName.TryToId("a\ud800", out _).Should().BeFalse();

    [Property(MaxTest = 500)]
    public Property TryToId_AnyName_FitsTheGrammar() =>
        Prop.ForAll(Names(), name => ForeignName.TryToId(name, out var id) && Ids.IsValid(id) && id == IdOf(name));

    [Property(MaxTest = 500)]
    public Property TryToId_TwoNames_AreNeverOne() =>
        Prop.ForAll(Names(), Names(), (one, other) => one == other == (IdOf(one) == IdOf(other)));

    [Property(MaxTest = 500)]
    public Property TryToId_AnIdOfAnotherName_IsNotTakenForIt() =>
        Prop.ForAll(Names(), name => IdOf(name) == name || IdOf(IdOf(name)) != IdOf(name));

    private static string IdOf(string name) => ForeignName.TryToId(name, out var id) ? id : throw new FormatException(name);

    /// <summary>Names of few characters, so that equal and nearly equal ones come up, and with the characters that matter.</summary>
    private static Arbitrary<string> Names() => Gen
        .OneOf(
            Gen.Elements("a", "b", "enc-", "|", ".", " ", "-", "_", "é", "\u0000", "🙂", "=", "+").ArrayOf().Select(string.Concat),
            Gen.Elements('a', 'Z', '0', '-', '.').ArrayOf(32).Select(c => new string(c)),
            Gen.Elements('a', '|').ArrayOf(70).Select(c => new string(c)))
        .Where(name => name.Length > 0)
        .ToArbitrary();
}
