using System.Text.Json;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Lists;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Features.Lists;

public sealed class ListIndexesTests : IAsyncDisposable
{
    private const string Prefix = "idx.acme.conversation.";

    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly InMemoryDocumentStore documents = new();
    private readonly FakeTimeProvider time = new();
    private readonly ListIndexesOptions options = new();
    private readonly ListIndexes indexes;

    public ListIndexesTests() => indexes = new ListIndexes(documents, options, time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => indexes.DisposeAsync();

    [Fact]
    public async Task Read_AtTheSameTime_SharesTheLoad()
    {
        await PutAsync("a", 1);
        var lists = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => indexes.ReadAsync(Prefix, Token).AsTask()));

        lists.Distinct().Should().ContainSingle();
        indexes.Count.Should().Be(1);
    }

    [Fact]
    public async Task Read_AfterChanges_HasThem()
    {
        await PutAsync("a", 1);
        (await NamesAsync()).Should().Equal("a");

        await PutAsync("b", 2);
        (await NamesAsync()).Should().Equal("b", "a");
        await PutAsync("a", 3);
        (await NamesAsync()).Should().Equal("a", "b");
        await documents.DeleteAsync(Prefix + "a", expectedRevision: null, Token);
        (await NamesAsync()).Should().Equal("b");
    }

    [Fact]
    public async Task Idle_IsDroppedAndReadAgain()
    {
        await PutAsync("a", 1);
        await NamesAsync();
        time.Advance(options.Idle - TimeSpan.FromSeconds(1));
        indexes.Count.Should().Be(1);
        await NamesAsync();
        time.Advance(options.Idle / 2);
        indexes.Count.Should().Be(1, because: "somebody asked meanwhile");

        time.Advance(options.Idle);

        indexes.Count.Should().Be(0);
        (await NamesAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task ManyLists_AreBounded()
    {
        options.MostLists = 3;
        for (var i = 0; i < 5; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await indexes.ReadAsync($"idx.t{i}.conversation.", Token);
        }

        indexes.Count.Should().Be(3);
    }

    [Fact]
    public async Task ManyEntries_KeepTheListThatWasAskedFor()
    {
        options.MostEntries = 2;
        await PutAsync("a", 1);
        await PutAsync("b", 1);
        await indexes.ReadAsync("idx.other.conversation.", Token);
        time.Advance(TimeSpan.FromSeconds(1));
        await documents.PutAsync("idx.big.agent.x", Write("x", 1), expectedRevision: null, Token);
        await indexes.ReadAsync("idx.big.agent.", Token);

        (await NamesAsync()).Should().HaveCount(2);
        indexes.Count.Should().Be(1);
    }

    [Fact]
    public async Task StoreDown_FailsAndIsReadLater()
    {
        await PutAsync("a", 1);
        documents.Faults.IsDown = true;
        await FluentActions.Awaiting(NamesAsync).Should().ThrowAsync<LogUnavailableException>();
        documents.Faults.IsDown = false;

        (await NamesAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task GivenUp_TheOthersStillGetTheList()
    {
        await PutAsync("a", 1);
        using var cancelled = new CancellationTokenSource();
        var first = indexes.ReadAsync(Prefix, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await ((Task)first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        (await NamesAsync()).Should().Equal("a");
    }

    // Puts and deletes between pages, against a list that is sorted anew each time; and what pages promise while entries move.
    [Fact]
    public async Task Pages_WhileEntriesMove_AreThoseOfASortedList()
    {
        var commands = Gen.Choose(0, 39).ListOf(60);
        foreach (var (i, steps) in commands.Sample(60, 60).Index())
        {
            await CheckAsync($"idx.p{i}.conversation.", [.. steps]);
        }
    }

    private async Task CheckAsync(string prefix, int[] steps)
    {
        var model = new Dictionary<string, (int Second, int Sequence)>(StringComparer.Ordinal);
        var sequence = 0;
        for (var i = 0; i < 10; i++)
        {
            await SetAsync($"n{i}", i / 3);
        }

        var (clock, next, seen, moved, whole) = (10, (string?)null, new List<string>(), new HashSet<string>(), false);
        var first = model.Keys.ToList();
        foreach (var step in steps)
        {
            var name = $"n{step % 10}";
            if (step < 16)
            {
                await SetAsync(name, ++clock / 2);
                moved.Add(name);
            }
            else if (step < 20)
            {
                await documents.DeleteAsync(prefix + name, expectedRevision: null, Token);
                model.Remove(name);
                moved.Add(name);
            }
            else if (!whole)
            {
                var list = await indexes.ReadAsync(prefix, Token);
                list.After(position: null).Select(NameOf).Should().Equal(
                    model.OrderByDescending(m => m.Value.Second).ThenByDescending(m => m.Value.Sequence).Select(m => m.Key));
                var page = ListPages.Take(list, new ListConversations { Limit = 1 + (step % 3), After = next }, _ => true);
                seen.AddRange(page.Items.Select(i => i.GetProperty("id").GetString()!));
                (next, whole) = (page.Next, page.Next is null);
            }
        }

        seen.Should().OnlyHaveUniqueItems();
        if (whole)
        {
            first.Except(moved).Except(seen).Should().BeEmpty(because: "they did not move");
        }

        async Task SetAsync(string name, int second)
        {
            model[name] = (second, ++sequence);
            await PutAsync(name, second, prefix, sequence);
        }
    }

    private static string NameOf(ListEntry entry) => entry.Item.GetProperty("id").GetString()!;

    private static byte[] Write(string name, int second, int sequence = 1) => JsonSerializer.SerializeToUtf8Bytes(
        new ListEntry($"conversation:{name}", Start.AddSeconds(second), JsonDocument.Parse($$"""{"id":"{{name}}"}""").RootElement, [], sequence),
        ProjectionJsonContext.Default.ListEntry);

    private async Task PutAsync(string name, int second, string prefix = Prefix, int sequence = 1) =>
        await documents.PutAsync(prefix + name, Write(name, second, sequence), expectedRevision: null, Token);

    private async Task<IEnumerable<string>> NamesAsync() => (await indexes.ReadAsync(Prefix, Token)).After(position: null).Select(NameOf);
}
