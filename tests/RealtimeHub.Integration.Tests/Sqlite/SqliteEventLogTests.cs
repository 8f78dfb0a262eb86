using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Core.Log;
using RealtimeHub.Specification;
using RealtimeHub.Specification.Log;

namespace RealtimeHub.Integration.Tests.Sqlite;

public sealed class SqliteEventLogTests : EventLogSpecification
{
    protected override ValueTask<IEventLogHarness> CreateAsync() => ValueTask.FromResult<IEventLogHarness>(new SqliteHarness());

    private sealed class SqliteHarness : IEventLogHarness
    {
        private readonly FakeTimeProvider time = new(TestEvents.Time);
        private readonly SqliteFolder folder;

        public SqliteHarness() => folder = new SqliteFolder(time);

        public IEventLog Log => folder.Log;

        public Task<DateTimeOffset> MarkTimeAsync()
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(time.GetUtcNow());
        }

        public async Task RollBackAsync(long toSequence)
        {
            await folder.CloseAsync();
            folder.Execute($"DELETE FROM events WHERE seq > {toSequence}; UPDATE sqlite_sequence SET seq = {toSequence} WHERE name = 'events'");
        }

        public async Task RenewAsync()
        {
            await folder.CloseAsync();
            File.Delete(folder.File);
        }

        public ValueTask DisposeAsync() => folder.DisposeAsync();
    }
}
