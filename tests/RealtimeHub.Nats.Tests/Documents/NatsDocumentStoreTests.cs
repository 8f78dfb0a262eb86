using RealtimeHub.Core.Documents;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification.Documents;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Documents;

public sealed class NatsDocumentStoreTests(SharedNats nats) : DocumentStoreSpecification
{
    private readonly Deployment deployment = new(nats.Url);

    protected override ValueTask<IDocumentStore> CreateAsync() => ValueTask.FromResult<IDocumentStore>(deployment.Documents);

    protected override ValueTask RemoveAsync() => deployment.DisposeAsync();
}
