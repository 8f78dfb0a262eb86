using RealtimeHub.Core.Log;
using RealtimeHub.Specification;
using RealtimeHub.Specification.Log;
using RealtimeHub.Sqlite.Database;

namespace RealtimeHub.Integration.Tests.Sqlite;

public sealed class SqliteWriterTests : IAsyncDisposable
{
    private readonly SqliteFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic => TestEvents.Topic();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact]
    public async Task Write_AnyCommit_SyncsTheWriteAheadLog()
    {
        var pragmas = await folder.Database.Writer.WriteAsync(new ReadPragmas(), Token);

        pragmas.Should().Be(("wal", 2L), "synchronous = FULL (2) is what makes a commit survive a power cut");
    }

    [Fact]
    public async Task Append_ManyAtOnce_ShareCommits()
    {
        const int Appends = 500;
        var before = folder.Database.Writer.Commits;

        await Task.WhenAll(Enumerable.Range(0, Appends).Select(i => AppendAsync($"{i}")));

        (folder.Database.Writer.Commits - before).Should().BeInRange(1, Appends / 5);
        (await CountAsync()).Should().Be(Appends);
    }

    [Fact]
    public async Task Append_OneAfterTheOther_TakesACommitEach()
    {
        var before = folder.Database.Writer.Commits;
        for (var i = 0; i < 5; i++)
        {
            await AppendAsync($"{i}");
        }

        (folder.Database.Writer.Commits - before).Should().Be(5);
    }

    [Fact]
    public async Task Write_ANeighbourFails_TheOthersAreStored()
    {
        var writer = folder.Database.Writer;
        var bad = new List<Task>();
        var good = new List<Task>();
        for (var i = 0; i < 50; i++)
        {
            good.Add(AppendAsync($"{i}"));
            bad.Add(writer.WriteAsync(new BadOperation(), Token).AsTask());
        }

        await Deadline.Within(Task.WhenAll(good));
        foreach (var task in bad)
        {
            await FluentActions.Awaiting(() => task).Should().ThrowAsync<InvalidOperationException>().WithMessage("bad");
        }

        (await CountAsync()).Should().Be(50);
        await using var tail = new TailReader(folder.Log, 0);
        (await tail.TakeAsync(50)).Select(e => e.Sequence).Should().BeInAscendingOrder();
    }

    [Fact]
    public async Task Append_DiskFull_IsUnavailableAndGoesOnWhenThereIsSpace()
    {
        var big = new string('x', 512 * 1024);
        await AppendAsync("a");
        folder.Database.Writer.MostPages = 1; // as small as it is already

        await FluentActions.Awaiting(() => AppendAsync("b", big)).Should().ThrowAsync<LogUnavailableException>().WithMessage("The disk is full.");
        await FluentActions.Awaiting(() => folder.Documents.PutAsync("key", new byte[512 * 1024], null, Token).AsTask())
            .Should().ThrowAsync<LogUnavailableException>();
        await FluentActions.Awaiting(() => AppendAsync("c", big, "d", "e")).Should().ThrowAsync<LogUnavailableException>();
        (await CountAsync()).Should().Be(1, "nothing is half written");
        (await folder.Log.GetHeadAsync(Token)).LastSequence.Should().Be(1);

        folder.Database.Writer.MostPages = 0;
        await using var tail = new TailReader(folder.Log, 0);
        (await AppendAsync("b", big)).LastSequence.Should().Be(2);
        (await tail.TakeAsync(2)).Select(e => e.Id).Should().Equal("a", "b");
    }

    [Fact]
    public async Task Append_DatabaseHeldByAnother_IsUnavailableAndGoesOnWhenItIsFree()
    {
        await AppendAsync("a");
        using (var other = folder.Connect())
        {
            SqliteFolder.Execute(other, "BEGIN IMMEDIATE");
            await FluentActions.Awaiting(() => AppendAsync("b")).Should().ThrowAsync<LogUnavailableException>().WithMessage("Another program holds the database.");
            (await CountAsync()).Should().Be(1, "reading goes on");
            SqliteFolder.Execute(other, "ROLLBACK");
        }

        (await AppendAsync("b")).Duplicates.Should().Be(0);
    }

    [Fact]
    public async Task Append_CancelledWhileQueued_IsNotStored()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var blocker = new BlockingOperation();
        var log = folder.Log;
        var blocked = folder.Database.Writer.WriteAsync(blocker, Token).AsTask();
        await Deadline.Within(blocker.Begun);
        var cancelled = log.AppendAsync(Topic, [TestEvents.State("a")], null, stop.Token).AsTask();
        var kept = AppendAsync("b");

        await stop.CancelAsync();
        await FluentActions.Awaiting(() => cancelled).Should().ThrowAsync<OperationCanceledException>();
        blocker.Release();

        await Deadline.Within(Task.WhenAll(blocked, kept));
        (await log.ReadAsync(Topic, new LogRange(10), Token)).Select(e => e.Id).Should().Equal("b");
    }

    private Task<AppendResult> AppendAsync(string id, string text = "", params string[] more) => Deadline.Within(
        folder.Log.AppendAsync(Topic, [TestEvents.State(id, text), .. more.Select(m => TestEvents.State(m))], null, Token).AsTask());

    private async Task<int> CountAsync() => (await folder.Log.ReadAsync(Topic, new LogRange(LogArguments.MaxLimit), Token)).Count;

    private sealed class ReadPragmas : WriteOperation<(string JournalMode, long? Synchronous)>
    {
        public override int Size => 0;

        protected override (string JournalMode, long? Synchronous) Write(WriteContext context) =>
            ((string)context.Session.Statement("PRAGMA journal_mode").ExecuteScalar()!, context.Session.Scalar<long>("PRAGMA synchronous"));
    }

    private sealed class BadOperation : WriteOperation<int>
    {
        public override int Size => 0;

        protected override int Write(WriteContext context)
        {
            context.Session.Execute("INSERT INTO documents (key, value) VALUES ('bad', x'00')");
            throw new InvalidOperationException("bad");
        }
    }

    private sealed class BlockingOperation : WriteOperation<int>, IDisposable
    {
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim released = new();

        public override int Size => 0;

        public Task Begun => begun.Task;

        public void Release() => released.Set();

        public void Dispose() => released.Dispose();

        protected override int Write(WriteContext context)
        {
            begun.TrySetResult();
            released.Wait(Deadline.Length, Token);
            return 0;
        }
    }
}
