using RealtimeHub.Core.Documents;
using RealtimeHub.Specification.Documents;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Documents;

public sealed class InMemoryDocumentWatchTests : DocumentWatchSpecification
{
    protected override ValueTask<IDocumentStore> CreateAsync() => ValueTask.FromResult<IDocumentStore>(new InMemoryDocumentStore());
}
