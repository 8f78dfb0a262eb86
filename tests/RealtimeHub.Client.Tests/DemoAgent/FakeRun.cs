using System.Text.Json;
using RealtimeHub.Client.Agents;
using RealtimeHub.Client.Tests.Fakes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests.DemoAgent;

/// <summary>A run whose events a test looks at, without a server.</summary>
internal sealed class FakeRun : IDisposable
{
    private readonly CancellationTokenSource cancelled = new();

    public FakeRun(object input)
    {
        var queue = new PublishQueue("conversation:c1", "docs-guide", Server.PublishAsync, TimeProvider.System, CancellationToken.None);
        var publisher = new RunPublisher("r1", "docs-guide", queue, TimeProvider.System);
        var request = new RunRequested("r1", "docs-guide", Json.Of(input), DateTimeOffset.MaxValue, "c1");
        Context = new RunContext(request, "conversation:c1", isResumed: false, publisher, cancelled);
    }

    public FakePublisher Server { get; } = new();

    public RunContext Context { get; }

    public IReadOnlyList<PublishedEvent> Events => [.. Server.Events()];

    public IEnumerable<PublishedEvent> Of(string type) => Events.Where(e => e.Type == type);

    public IEnumerable<string> Texts(string type) => Of(type).Select(e => e.Data.GetProperty("text").GetString()!);

    public JsonElement Output => Of(EventTypes.RunCompleted).Single().Data.GetProperty("output");

    /// <summary>Waits until an event of that type was sent.</summary>
    public Task SentAsync(string type, int count = 1) => Server.Called.UntilAsync(() => Of(type).Count() >= count);

    public void Cancel(string reason) => Context.RequestCancel(reason);

    public void Dispose() => cancelled.Dispose();
}
