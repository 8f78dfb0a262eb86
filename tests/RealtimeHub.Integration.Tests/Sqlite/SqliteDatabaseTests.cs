using RealtimeHub.Core.Log;
using RealtimeHub.Specification;
using RealtimeHub.Specification.Log;

namespace RealtimeHub.Integration.Tests.Sqlite;

public sealed class SqliteDatabaseTests : IAsyncDisposable
{
    private readonly SqliteFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Topic => TestEvents.Topic();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact]
    public async Task Open_Again_EverythingIsThere()
    {
        var appended = await folder.Log.AppendAsync(Topic, [TestEvents.State("a"), TestEvents.Delta("b")], 0, Token);
        var revision = await folder.Documents.PutAsync("key", "value"u8.ToArray(), 0, Token);
        var head = await folder.Log.GetHeadAsync(Token);

        await folder.CloseAsync();

        (await folder.Log.GetHeadAsync(Token)).Should().Be(head);
        (await folder.Log.AppendAsync(Topic, [TestEvents.Delta("b")], 0, Token)).Should().Be(appended with { Duplicates = 1 });
        (await folder.Documents.GetAsync("key", Token))!.Revision.Should().Be(revision);
        await using var tail = new TailReader(folder.Log, 0);
        (await tail.TakeAsync(2)).Select(e => e.Id).Should().Equal("a", "b");
        (await folder.Log.AppendAsync(Topic, [TestEvents.State("c")], null, Token)).LastSequence.Should().Be(appended.LastSequence + 1);
    }

    [Fact]
    public async Task Open_Again_SequencesAndRevisionsOfWhatIsGoneAreNotGivenAgain()
    {
        var sequence = (await folder.Log.AppendAsync(Topic, [TestEvents.Delta("a")], null, Token)).LastSequence;
        var revision = await folder.Documents.PutAsync("key", new byte[] { 1 }, null, Token);
        folder.Execute("DELETE FROM events");
        await folder.Documents.DeleteAsync("key", null, Token);

        await folder.CloseAsync();

        (await folder.Log.GetHeadAsync(Token)).LastSequence.Should().Be(sequence);
        (await folder.Log.AppendAsync(Topic, [TestEvents.Delta("b")], null, Token)).LastSequence.Should().BeGreaterThan(sequence);
        (await folder.Documents.PutAsync("key", new byte[] { 1 }, null, Token)).Should().BeGreaterThan(revision!.Value);
    }

    [Fact]
    public async Task Open_TwoFolders_HaveTwoEpochs()
    {
        await using var other = new SqliteFolder();

        other.Database.Epoch.Should().NotBe(folder.Database.Epoch);
    }

    [Fact]
    public async Task Open_FolderInUse_IsRefusedUntilItIsClosed()
    {
        _ = folder.Database;

        folder.Invoking(f => f.Open()).Should().Throw<InvalidOperationException>().WithMessage($"*{folder.Path}*in use by another process*");
        await folder.CloseAsync();
        await using var second = folder.Open();
    }

    [Fact]
    public async Task Open_NewerSchema_IsRefusedAndLeftAlone()
    {
        _ = folder.Database;
        await folder.CloseAsync();
        folder.Execute("PRAGMA user_version = 99");

        for (var i = 0; i < 2; i++)
        {
            folder.Invoking(f => f.Open()).Should().Throw<InvalidOperationException>().WithMessage("*schema version 99*versions up to 1*");
        }
    }

    [Fact]
    public async Task Open_NoDatabase_IsRefused()
    {
        await File.WriteAllTextAsync(folder.File, new string('x', 8192), Token);

        folder.Invoking(f => f.Open()).Should().Throw<InvalidOperationException>().WithMessage("*cannot be opened*damaged*");
    }

    [Fact]
    public async Task Dispose_WithAppendsQueued_WritesThem()
    {
        var log = folder.Log;
        var appends = Enumerable.Range(0, 200).Select(i => log.AppendAsync(Topic, [TestEvents.State($"{i}")], null, Token).AsTask()).ToArray();

        await folder.CloseAsync();

        (await Deadline.Within(Task.WhenAll(appends))).Should().OnlyContain(r => r.Status == AppendStatus.Stored);
        (await folder.Log.ReadAsync(Topic, new LogRange(1_000), Token)).Should().HaveCount(200);
    }

    [Fact]
    public async Task Dispose_ThenUse_IsUnavailable()
    {
        var (log, documents) = (folder.Log, folder.Documents);
        await using var tail = new TailReader(log, 0);
        var waiting = tail.WaitAsync();

        await folder.CloseAsync();

        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<LogUnavailableException>();
        await FluentActions.Awaiting(() => log.AppendAsync(Topic, [TestEvents.State("a")], null, Token).AsTask()).Should().ThrowAsync<LogUnavailableException>();
        await FluentActions.Awaiting(() => log.ReadAsync(Topic, new LogRange(1), Token).AsTask()).Should().ThrowAsync<LogUnavailableException>();
        await FluentActions.Awaiting(() => documents.GetAsync("key", Token).AsTask()).Should().ThrowAsync<LogUnavailableException>();
        await FluentActions.Awaiting(() => documents.DeleteAsync("key", null, Token).AsTask()).Should().ThrowAsync<LogUnavailableException>();
    }
}
