using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Core.Features.Presence;
using RealtimeHub.Specification;
using RealtimeHub.Specification.Presence;

namespace RealtimeHub.Core.Tests.Presence;

public sealed class InMemoryPresenceStoreTests : PresenceStoreSpecification
{
    protected override ValueTask<IPresenceHarness> CreateAsync() => ValueTask.FromResult<IPresenceHarness>(new OneNode());

    private sealed class OneNode : IPresenceHarness
    {
        private readonly FakeTimeProvider time = new(TestEvents.Time);

        public OneNode() => Store = new InMemoryPresenceStore(Options, time);

        public IPresenceStore Store { get; }

        public IPresenceStore Other => Store;

        public PresenceOptions Options { get; } = new();

        public ValueTask PassAsync(TimeSpan time)
        {
            this.time.Advance(time);
            return default;
        }

        public ValueTask<IReadOnlyList<PresenceChange>> LapseAsync(TimeSpan time)
        {
            this.time.Advance(time);
            return Store.LapseAsync(CancellationToken.None);
        }

        public ValueTask DisposeAsync() => default;
    }
}
