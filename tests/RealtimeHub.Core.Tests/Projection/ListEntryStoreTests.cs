using System.Text.Json;
using RealtimeHub.Core.Projection;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Projection;

/// <summary>Two nodes that both write entries: one holds the lease, the other held it, stood still, and does not know yet.</summary>
public sealed class ListEntryStoreTests
{
    private const string Key = "idx.acme.conversation.c1";

    private readonly InMemoryDocumentStore documents = new();
    private readonly ListEntryStore holder;
    private readonly ListEntryStore former;

    public ListEntryStoreTests() => (holder, former) = (new(documents), new(documents));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LateWrite_OfAnEarlierEvent_LeavesTheLaterEntry()
    {
        await PutAsync(former, 1);
        await PutAsync(holder, 3);

        await PutAsync(former, 2);

        (await SequenceAsync()).Should().Be(3);
    }

    [Fact]
    public async Task LateWrite_WhereTheWriterNeverWrote_LeavesTheLaterEntry()
    {
        await PutAsync(holder, 3);

        await PutAsync(former, 2);

        (await SequenceAsync()).Should().Be(3);
    }

    [Fact]
    public async Task LaterEvent_ReplacesWhatTheOtherWrote()
    {
        await PutAsync(holder, 1);
        await PutAsync(former, 2);

        await PutAsync(holder, 3);
        (await SequenceAsync()).Should().Be(3);
        await PutAsync(holder, 4);
        (await SequenceAsync()).Should().Be(4);
    }

    [Fact]
    public async Task SameEvent_IsWrittenAgain()
    {
        await PutAsync(holder, 1, "before");
        await PutAsync(holder, 1, "after");

        (await EntryAsync())!.Item.GetString().Should().Be("after");
    }

    [Fact]
    public async Task Removed_IsWrittenAnew()
    {
        await PutAsync(holder, 1);
        await documents.DeleteAsync(Key, expectedRevision: null, Token);

        await PutAsync(holder, 2);

        (await SequenceAsync()).Should().Be(2);
    }

    [Fact]
    public async Task TooLargeForADocument_IsLeftAsItWas()
    {
        await PutAsync(holder, 1);
        await PutAsync(holder, 2, new string('x', 1 << 20));

        (await SequenceAsync()).Should().Be(1);
    }

    private static Task PutAsync(ListEntryStore store, long sequence, string item = "") => store.PutAsync(
        Key, new ListEntry("conversation:c1", DateTimeOffset.UnixEpoch, JsonSerializer.SerializeToElement(item), [], sequence), Token);

    private async Task<long?> SequenceAsync() => (await EntryAsync())?.Sequence;

    private async Task<ListEntry?> EntryAsync() => await documents.GetAsync(Key, Token) is { } document
        ? JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.ListEntry)
        : null;
}
