using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

/// <summary>What every <see cref="IEventLog"/> must do. A backend derives from it and says how to make one.</summary>
public abstract partial class EventLogSpecification : IAsyncLifetime
{
    private IEventLogHarness? harness;

    /// <summary>The log under test.</summary>
    protected IEventLog Log => Harness.Log;

    /// <summary>The log under test, and what can befall it.</summary>
    protected IEventLogHarness Harness => harness ?? throw new InvalidOperationException("The test has not begun.");

    /// <summary>The test's own token.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The topic of most tests.</summary>
    protected static TopicKey Topic { get; } = TestEvents.Topic();

    /// <summary>A new and empty log.</summary>
    protected abstract ValueTask<IEventLogHarness> CreateAsync();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => harness = await CreateAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (harness is not null)
        {
            await harness.DisposeAsync();
        }
    }

    /// <summary>Appends what must be stored, and answers the last sequence.</summary>
    protected async Task<long> StoreAsync(TopicKey topic, params NewEvent[] events)
    {
        var result = await Deadline.Within(Log.AppendAsync(topic, events, null, Token).AsTask());
        result.Status.Should().Be(AppendStatus.Stored);
        return result.LastSequence;
    }

    /// <summary>Appends with an expectation.</summary>
    protected Task<AppendResult> AppendAsync(long? expectedState, params NewEvent[] events) =>
        Deadline.Within(Log.AppendAsync(Topic, events, expectedState, Token).AsTask());

    /// <summary>The ids of all events of a topic, in the log's order.</summary>
    protected async Task<string[]> IdsAsync(TopicKey topic) => IdsOf(await Log.ReadAsync(topic, new LogRange(LogArguments.MaxLimit), Token));

    /// <summary>The ids of events.</summary>
    protected static string[] IdsOf(IEnumerable<StoredEvent> events) => [.. events.Select(e => e.Id)];
}
