using RealtimeHub.Core.Documents;
using RealtimeHub.Specification.Documents;

namespace RealtimeHub.Integration.Tests.Sqlite;

public sealed class SqliteDocumentWatchTests : DocumentWatchSpecification
{
    private readonly SqliteFolder folder = new();

    protected override ValueTask<IDocumentStore> CreateAsync() => ValueTask.FromResult<IDocumentStore>(folder.Documents);

    protected override ValueTask RemoveAsync() => folder.DisposeAsync();
}
