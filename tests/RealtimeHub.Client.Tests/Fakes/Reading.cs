using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests.Fakes;

/// <summary>A subscription that a test reads item by item.</summary>
internal sealed class Reading : IAsyncDisposable
{
    private readonly IAsyncEnumerator<SubscriptionItem> items;

    public Reading(RealtimeHubClient client, string topic, StartPosition start) =>
        items = client.Subscribe(topic, start, TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);

    public async Task<SubscriptionItem> NextAsync()
    {
        (await items.MoveNextAsync().AsTask().InTime()).Should().BeTrue();
        return items.Current;
    }

    public async Task<T> NextAsync<T>()
        where T : SubscriptionItem => (await NextAsync()).Should().BeOfType<T>().Subject;

    /// <summary>Reads on until that many events came.</summary>
    public async Task<List<Event>> EventsAsync(int count)
    {
        var events = new List<Event>();
        while (events.Count < count)
        {
            events.AddRange((await NextAsync<EventsReceived>()).Events);
        }

        return events;
    }

    public async Task<bool> EndsAsync() => !await items.MoveNextAsync().AsTask().InTime();

    public ValueTask DisposeAsync() => items.DisposeAsync();
}
