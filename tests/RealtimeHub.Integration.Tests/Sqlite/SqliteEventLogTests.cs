using RealtimeHub.Core.Log;
using RealtimeHub.Specification.Log;

namespace RealtimeHub.Integration.Tests.Sqlite;

public sealed class SqliteEventLogTests : EventLogSpecification
{
    protected override ValueTask<IEventLogHarness> CreateAsync() => ValueTask.FromResult<IEventLogHarness>(new SqliteHarness());

    private sealed class SqliteHarness : IEventLogHarness
    {
        private readonly SqliteFolder folder = new();

        public IEventLog Log => folder.Log;

        public Task PurgeAsync(params long[] sequences)
        {
            folder.Execute($"DELETE FROM events WHERE seq IN ({string.Join(',', sequences)})");
            return Task.CompletedTask;
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
