using RealtimeHub.Core.Documents;
using RealtimeHub.Specification.Documents;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.Documents;

public sealed class InMemoryDocumentStoreTests : DocumentStoreSpecification
{
    protected override ValueTask<IDocumentStore> CreateAsync() => ValueTask.FromResult<IDocumentStore>(new InMemoryDocumentStore());
}
