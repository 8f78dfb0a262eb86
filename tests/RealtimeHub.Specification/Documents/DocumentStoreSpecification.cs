using System.Text;
using RealtimeHub.Core.Documents;

namespace RealtimeHub.Specification.Documents;

/// <summary>What every <see cref="IDocumentStore"/> must do. A backend derives from it and says how to make one.</summary>
public abstract class DocumentStoreSpecification : IAsyncLifetime
{
    private IDocumentStore? store;

    /// <summary>The store under test.</summary>
    protected IDocumentStore Store => store ?? throw new InvalidOperationException("The test has not begun.");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A new and empty store.</summary>
    protected abstract ValueTask<IDocumentStore> CreateAsync();

    /// <summary>Removes what <see cref="CreateAsync"/> made.</summary>
    protected virtual ValueTask RemoveAsync() => default;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => store = await CreateAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await RemoveAsync();
    }

    [Fact]
    public async Task Get_Unknown_IsNull() => (await Store.GetAsync("none", Token)).Should().BeNull();

    [Fact]
    public async Task Put_New_IsReadBackByteForByte()
    {
        byte[] value = [0, 1, 255, .. "žluť 🐎"u8];
        var revision = await PutAsync("a.b-c_D.1", value);

        var document = await Store.GetAsync("a.b-c_D.1", Token);
        document!.Key.Should().Be("a.b-c_D.1");
        document.Value.ToArray().Should().Equal(value);
        document.Revision.Should().Be(revision).And.BePositive();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(DocumentArguments.MaxValueLength)]
    public async Task Put_SmallestAndLargest_IsReadBack(int length)
    {
        var value = new byte[length];
        Array.Fill(value, (byte)7);
        await PutAsync("a", value);

        (await Store.GetAsync("a", Token))!.Value.Span.SequenceEqual(value).Should().BeTrue();
    }

    [Fact]
    public async Task Put_TooLarge_IsRefused() =>
        await FluentActions.Awaiting(() => PutAsync("a", new byte[DocumentArguments.MaxValueLength + 1])).Should().ThrowAsync<ArgumentException>();

    [Theory]
    [InlineData("")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a*")]
    [InlineData("ž")]
    public async Task Put_SenselessKey_IsRefused(string key) =>
        await FluentActions.Awaiting(() => PutAsync(key, [1])).Should().ThrowAsync<ArgumentException>();

    [Fact]
    public async Task Put_Again_ReplacesWithAHigherRevision()
    {
        var first = await PutAsync("a", [1]);
        var second = await PutAsync("a", [2]);

        second.Should().BeGreaterThan(first);
        (await Store.GetAsync("a", Token))!.Value.ToArray().Should().Equal(2);
    }

    [Fact]
    public async Task Put_ExpectedRevision_Replaces()
    {
        var first = await PutAsync("a", [1]);

        (await Store.PutAsync("a", new byte[] { 2 }, first, Token)).Should().BeGreaterThan(first);
        (await Store.GetAsync("a", Token))!.Value.ToArray().Should().Equal(2);
    }

    [Fact]
    public async Task Put_OtherRevision_IsNullAndChangesNothing()
    {
        var first = await PutAsync("a", [1]);
        var second = await PutAsync("a", [2]);

        (await Store.PutAsync("a", new byte[] { 3 }, first, Token)).Should().BeNull();
        (await Store.PutAsync("a", new byte[] { 3 }, second + 1, Token)).Should().BeNull();
        (await Store.PutAsync("none", new byte[] { 3 }, second, Token)).Should().BeNull();
        (await Store.GetAsync("a", Token))!.Revision.Should().Be(second);
        (await Store.GetAsync("none", Token)).Should().BeNull();
    }

    [Fact]
    public async Task Put_OnlyIfNew_HappensOnce()
    {
        (await Store.PutAsync("a", new byte[] { 1 }, 0, Token)).Should().NotBeNull();
        (await Store.PutAsync("a", new byte[] { 2 }, 0, Token)).Should().BeNull();
        (await Store.GetAsync("a", Token))!.Value.ToArray().Should().Equal(1);
    }

    [Fact]
    public async Task Put_OnlyIfNewAfterADelete_GetsARevisionNeverUsedBefore()
    {
        var first = await PutAsync("a", [1]);
        await Store.DeleteAsync("a", null, Token);

        (await Store.PutAsync("a", new byte[] { 2 }, 0, Token)).Should().BeGreaterThan(first);
    }

    [Fact]
    public async Task Put_ManyWithTheSameRevision_ExactlyOneWins()
    {
        var revision = await PutAsync("a", [0]);

        var results = await Task.WhenAll(Enumerable.Range(1, 16).Select(i => Store.PutAsync("a", new[] { (byte)i }, revision, Token).AsTask()));

        results.Should().ContainSingle(r => r != null);
        (await Store.GetAsync("a", Token))!.Value.ToArray().Should().Equal((byte)(Array.FindIndex(results, r => r != null) + 1));
    }

    [Fact]
    public async Task Delete_Document_IsGone()
    {
        await PutAsync("a", [1]);

        (await Store.DeleteAsync("a", null, Token)).Should().BeTrue();
        (await Store.GetAsync("a", Token)).Should().BeNull();
        (await Store.DeleteAsync("a", null, Token)).Should().BeFalse();
    }

    [Fact]
    public async Task Delete_ByRevision_OnlyThatOne()
    {
        var first = await PutAsync("a", [1]);
        var second = await PutAsync("a", [2]);

        (await Store.DeleteAsync("a", first, Token)).Should().BeFalse();
        (await Store.GetAsync("a", Token)).Should().NotBeNull();
        (await Store.DeleteAsync("a", second, Token)).Should().BeTrue();
        (await Store.DeleteAsync("a", second, Token)).Should().BeFalse();
    }

    [Fact]
    public async Task List_Prefix_IsInOrdinalOrder()
    {
        string[] keys = ["p.b", "p.a", "p.B", "p.a.x", "p.a-x", "p.a_x", "p.a1", "p", "pq", "q.a", "P.a", "p.1", "o"];
        foreach (var key in keys)
        {
            await PutAsync(key, Encoding.UTF8.GetBytes(key));
        }

        (await ListAsync("p.")).Should().Equal("p.1", "p.B", "p.a", "p.a-x", "p.a.x", "p.a1", "p.a_x", "p.b");
        (await ListAsync("p")).Should().HaveCount(10);
        (await ListAsync("p.a.")).Should().Equal("p.a.x");
        (await ListAsync("none.")).Should().BeEmpty();
        (await ListAsync("")).Should().HaveCount(keys.Length).And.BeInAscendingOrder(StringComparer.Ordinal);
    }

    [Fact]
    public async Task List_ManyDocuments_AnswersEachOnce()
    {
        var keys = Enumerable.Range(0, 300).Select(i => $"list.{i:d4}").ToArray();
        await Task.WhenAll(keys.Select(key => PutAsync(key, Encoding.UTF8.GetBytes(key))));
        await Store.DeleteAsync("list.0100", null, Token);

        (await ListAsync("list.")).Should().Equal(keys.Where(key => key != "list.0100"));
    }

    private async Task<long> PutAsync(string key, byte[] value) =>
        (await Deadline.Within(Store.PutAsync(key, value, null, Token).AsTask())) ?? throw new InvalidOperationException("Nothing was expected, nothing may be missing.");

    private async Task<string[]> ListAsync(string prefix)
    {
        var keys = new List<string>();
        await foreach (var document in Store.ListAsync(prefix, Token))
        {
            if (document.Value.Length > 0)
            {
                Encoding.UTF8.GetString(document.Value.Span).Should().Be(document.Key);
            }

            document.Revision.Should().BePositive();
            keys.Add(document.Key);
        }

        return [.. keys];
    }
}
