using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification.Log;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

public sealed class NatsEventLogTests(SharedNats nats) : EventLogSpecification
{
    protected override ValueTask<IEventLogHarness> CreateAsync() => ValueTask.FromResult<IEventLogHarness>(new NatsHarness(nats.Url));

    private sealed class NatsHarness(string url) : IEventLogHarness
    {
        private readonly Deployment deployment = new(url);

        public IEventLog Log => deployment.Log;

        // The server's clock goes by itself; between two marks it must have gone.
        public async Task<DateTimeOffset> MarkTimeAsync()
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
            var mark = TimeProvider.System.GetUtcNow();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
            return mark;
        }

        public async Task RollBackAsync(long toSequence)
        {
            await deployment.RollBackAsync(toSequence);
            await deployment.OpenAgainAsync();
        }

        public async Task RenewAsync()
        {
            await deployment.Backbone.JetStream.DeleteStreamAsync(deployment.Backbone.Subjects.Stream, Token);
            await deployment.OpenAgainAsync();
        }

        public ValueTask DisposeAsync() => deployment.DisposeAsync();
    }
}
