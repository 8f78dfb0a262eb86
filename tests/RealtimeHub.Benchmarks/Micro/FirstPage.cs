using System.Text.Json;
using BenchmarkDotNet.Attributes;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Lists;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Benchmarks.Micro;

/// <summary>The 50 newest of a list in memory that somebody may see, who may see one in so many.</summary>
public class FirstPage : IAsyncDisposable
{
    private const string Tenant = "bench";

    private readonly ListConversations request = new();
    private readonly Caller reader = new() { Tenant = Tenant, Subject = Subject.User("reader"), Scopes = [Scopes.ConversationsRead], Surface = Surface.Http };
    private readonly InMemoryDocumentStore documents = new();
    private ListIndexes indexes = null!;

    /// <summary>How long the list is.</summary>
    [Params(1_000, 100_000)]
    public int Entries { get; set; }

    /// <summary>One entry in so many has the reader among those who may see it.</summary>
    [Params(1, 100)]
    public int OneIn { get; set; }

    [GlobalSetup]
    public async Task FillAsync()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < Entries; i++)
        {
            var topic = Topic.Conversation($"c{i}");
            using var item = JsonDocument.Parse($$"""{ "conversationId": "{{topic.Id}}", "title": "Number {{i}}" }""");
            var entry = new ListEntry(topic.ToString(), start.AddSeconds(i), item.RootElement, [i % OneIn == 0 ? reader.Subject : Subject.User("another")], i + 1);
            var value = JsonSerializer.SerializeToUtf8Bytes(entry, ProjectionJsonContext.Default.ListEntry);
            await documents.PutAsync(ListKeys.Key(Tenant, topic), value, expectedRevision: null, CancellationToken.None);
        }

        indexes = new ListIndexes(documents, new ListIndexesOptions(), TimeProvider.System);
        await Page();
    }

    [Benchmark]
    public async Task<object> Page()
    {
        var entries = await indexes.ReadAsync(ListKeys.Prefix(Tenant, TopicKind.Conversation), CancellationToken.None);
        return ListPages.Take(entries, request, e => ListPages.MaySee(reader, e));
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await indexes.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
