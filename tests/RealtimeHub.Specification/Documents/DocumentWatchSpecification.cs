using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Documents;

/// <summary>What every watch of documents must do. A backend derives from it and says how to make a store.</summary>
public abstract class DocumentWatchSpecification : IAsyncLifetime
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
    public async Task Watch_Empty_IsReadyAtOnce()
    {
        await using var watch = await Store.WatchAsync("a.", Token);

        (await NextAsync(watch)).IsReady.Should().BeTrue();
        watch.TryRead(out _).Should().BeFalse();
    }

    [Fact]
    public async Task Watch_WhatIsThere_ComesBeforeTheMark()
    {
        for (var i = 0; i < 200; i++)
        {
            await PutAsync($"a.k{i}", 1);
        }

        await PutAsync("b.other", 1);
        await using var watch = await Store.WatchAsync("a.", Token);

        var (there, _) = await UntilReadyAsync(watch);
        there.Select(c => c.Key).Should().BeEquivalentTo(Enumerable.Range(0, 200).Select(i => $"a.k{i}"));
        there.Should().OnlyContain(c => c.Value!.Value.Length == 1 && c.Revision > 0);
    }

    [Fact]
    public async Task Watch_Changes_ComeInOrder()
    {
        await PutAsync("a.k", 1);
        await using var watch = await Store.WatchAsync("a.", Token);
        await UntilReadyAsync(watch);

        await PutAsync("a.k", 2);
        await Store.DeleteAsync("a.k", expectedRevision: null, Token);
        await PutAsync("b.k", 9);
        var last = await PutAsync("a.k", 3);

        DocumentChange[] changes = [await NextAsync(watch), await NextAsync(watch), await NextAsync(watch)];
        changes.Select(c => (c.Key, c.Value?.Span[0])).Should().Equal(("a.k", (byte)2), ("a.k", null), ("a.k", (byte)3));
        changes[2].Revision.Should().Be(last);
    }

    [Fact]
    public async Task Watch_WhatWasNotWritten_IsNotTold()
    {
        await PutAsync("a.k", 1);
        await using var watch = await Store.WatchAsync("a.", Token);
        await UntilReadyAsync(watch);

        (await Store.PutAsync("a.k", new byte[] { 2 }, 0, Token)).Should().BeNull();
        (await Store.DeleteAsync("a.k", 999_999, Token)).Should().BeFalse();
        (await Store.DeleteAsync("a.none", expectedRevision: null, Token)).Should().BeFalse();
        await PutAsync("a.end", 1);

        (await NextAsync(watch)).Key.Should().Be("a.end");
    }

    [Fact]
    public async Task Watch_WhileManyWrite_EndsWithWhatIsThere()
    {
        for (var i = 0; i < 150; i++)
        {
            await PutAsync($"a.k{i}", 0);
        }

        var writers = Enumerable.Range(0, 4).Select(w => WriteAsync(new Random(w))).ToList();
        await using var watch = await Store.WatchAsync("a.", Token);
        var (there, state) = await UntilReadyAsync(watch);
        there.Should().NotBeEmpty();
        await Task.WhenAll(writers);
        await PutAsync("a.end", 1);
        while (!state.ContainsKey("a.end"))
        {
            Apply(state, await NextAsync(watch));
        }

        var expected = await Store.ListAsync("a.", Token).ToListAsync(Token);
        state.Should().BeEquivalentTo(expected.ToDictionary(d => d.Key, d => d.Revision));
    }

    [Fact]
    public async Task Watch_Cancelled_StopsWaitingAndGoesOn()
    {
        await using var watch = await Store.WatchAsync("a.", Token);
        await UntilReadyAsync(watch);
        using var cancelled = new CancellationTokenSource();
        var waiting = watch.WaitAsync(cancelled.Token).AsTask();
        await cancelled.CancelAsync();

        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
        await PutAsync("a.k", 1);
        (await NextAsync(watch)).Key.Should().Be("a.k");
    }

    [Fact]
    public async Task Watch_Disposed_EndsTheWait()
    {
        var watch = await Store.WatchAsync("a.", Token);
        await UntilReadyAsync(watch);
        var waiting = watch.WaitAsync(Token).AsTask();
        await watch.DisposeAsync();

        await FluentActions.Awaiting(() => Deadline.Within(waiting)).Should().ThrowAsync<LogUnavailableException>();
    }

    [Fact]
    public async Task Watch_SenselessPrefix_IsRefused() =>
        await FluentActions.Awaiting(async () => await Store.WatchAsync("a b", Token)).Should().ThrowAsync<ArgumentException>();

    private static void Apply(Dictionary<string, long> state, DocumentChange change)
    {
        if (change.Value is null)
        {
            state.Remove(change.Key);
            return;
        }

        if (state.TryGetValue(change.Key, out var before))
        {
            change.Revision.Should().BeGreaterThan(before, because: "a key does not go back");
        }

        state[change.Key] = change.Revision;
    }

    private static async Task<DocumentChange> NextAsync(IDocumentWatch watch)
    {
        DocumentChange? change;
        while (!watch.TryRead(out change))
        {
            await Deadline.Within(watch.WaitAsync(Token).AsTask());
        }

        return change;
    }

    private static async Task<(List<DocumentChange> There, Dictionary<string, long> State)> UntilReadyAsync(IDocumentWatch watch)
    {
        var (there, state) = (new List<DocumentChange>(), new Dictionary<string, long>(StringComparer.Ordinal));
        while (await NextAsync(watch) is { IsReady: false } change)
        {
            there.Add(change);
            Apply(state, change);
        }

        return (there, state);
    }

    private async Task WriteAsync(Random random)
    {
        for (var i = 0; i < 200; i++)
        {
            var key = $"a.k{random.Next(150)}";
            if (random.Next(4) == 0)
            {
                await Store.DeleteAsync(key, expectedRevision: null, Token);
            }
            else
            {
                await PutAsync(key, (byte)i);
            }
        }
    }

    private async Task<long> PutAsync(string key, byte value) => (await Store.PutAsync(key, new[] { value }, expectedRevision: null, Token))!.Value;
}
