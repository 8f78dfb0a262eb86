using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Audit;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Telemetry;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Audit;

/// <summary>A node that keeps its audit records.</summary>
public abstract class AuditWorld : IAsyncDisposable
{
    internal CoreNode Node { get; private set; } = Make(before: null);

    internal AuditTrail Trail => Node.Get<AuditTrail>();

    internal long Dropped => Node.Get<NodeCounters>().AuditRecordsDropped;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Node.DisposeAsync();
    }

    /// <summary>Another process on the same log and documents.</summary>
    internal async Task RestartAsync()
    {
        await Node.DisposeAsync();
        Node = Make(Node);
    }

    internal async Task<AuditPage> AuditAsync(GetAudit? request = null, Caller? caller = null)
    {
        var reply = await Node.SendAsync<GetAudit, AuditPage>((caller ?? Callers.Admin) with { Surface = Surface.Http }, request ?? new GetAudit());
        reply.Error.Should().BeNull();
        return reply.Value!;
    }

    /// <summary>Every record there is, page by page.</summary>
    internal async Task<List<AuditItem>> AllAsync(int limit)
    {
        var items = new List<AuditItem>();
        string? next = null;
        do
        {
            var page = await AuditAsync(new GetAudit { Limit = limit, After = next });
            page.Items.Count.Should().BeLessThanOrEqualTo(limit);
            items.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        return items;
    }

    internal async Task<IReadOnlyList<IReadOnlyList<AuditItem>>> DocumentsAsync()
    {
        var found = new List<IReadOnlyList<AuditItem>>();
        await foreach (var document in Node.Documents.ListAsync("audit.", TestContext.Current.CancellationToken))
        {
            found.Add(AuditDocuments.Read(document.Value.Span));
        }

        return found;
    }

    /// <summary>Waits until so many records are kept.</summary>
    internal Task UntilKeptAsync(int records) => Node.UntilAsync(async () => (await DocumentsAsync()).Sum(d => d.Count) == records);

    /// <summary>Waits until somebody waits for the clock who did not before.</summary>
    internal Task UntilWaitingAsync(int timers) => Node.UntilAsync(() => Node.Time.Timers > timers);

    internal void Deny(int number, string tenant = Callers.Tenant, DateTimeOffset? time = null) => Trail.Record(new AuditRecord(
        time ?? Node.Time.GetUtcNow(), tenant, Subject.User($"u{number}"), nameof(SendMessage), "conversation:c1", Surface.OperatorHub, ErrorCode.Forbidden, $"trace-{number}"));

    private static CoreNode Make(CoreNode? before) =>
        new(before, services => services.AddSingleton<IAuditTrail>(s => s.GetRequiredService<AuditTrail>()));
}
