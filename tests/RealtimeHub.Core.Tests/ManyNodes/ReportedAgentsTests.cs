using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Liveness;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Projection;
using RealtimeHub.Specification;
using RealtimeHub.Specification.InMemory;

namespace RealtimeHub.Core.Tests.ManyNodes;

/// <summary>Nodes that say which agents they have, and one that knows of all of them.</summary>
public sealed class ReportedAgentsTests : IAsyncLifetime
{
    private static readonly TimeSpan Beat = AgentReporter.BeatEvery;

    private readonly FakeTimeProvider time = new(TestEvents.Time);
    private readonly InMemoryDocumentStore documents = new();
    private readonly CancellationTokenSource ended = new();
    private readonly ReportedAgents reported;
    private readonly HashSet<string> living = new(StringComparer.Ordinal);
    private Task following = Task.CompletedTask;

    public ReportedAgentsTests() => reported = new ReportedAgents(documents, time, NullLogger<ReportedAgents>.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TopicKey Writer { get; } = new("acme", Topic.Agent("writer"));

    public async ValueTask InitializeAsync()
    {
        await reported.PrepareAsync(Token);
        following = reported.RunAsync(ended.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        ended.Dispose();
    }

    [Fact]
    public async Task Connected_OnALivingNode_IsSeen_UntilItSaysOtherwise()
    {
        living.Add("a");
        await SayAsync("a", new AgentReport(IsConnected: true, UsedHub: true));
        (await LookUntilAsync(s => s.IsConnected)).Should().Be(new AgentSighting(Writer, time.GetUtcNow(), IsConnected: true, UsedHub: true));

        await SayAsync("a", new AgentReport(IsConnected: false, UsedHub: true));

        (await LookUntilAsync(s => !s.IsConnected)).UsedHub.Should().BeTrue();
        reported.Look().Should().BeEmpty("it was told");
    }

    [Fact]
    public async Task Connected_OnANodeThatFellSilent_IsGone_AndBackWithIt()
    {
        living.Add("a");
        await SayAsync("a", new AgentReport(IsConnected: true, UsedHub: true));
        await LookUntilAsync(s => s.IsConnected);

        living.Clear();
        var seen = new List<AgentSighting>();
        await UntilAsync(() =>
        {
            time.Advance(ReportedAgents.DeadAfter); // what it wrote last may still be on its way
            var now = reported.Look();
            seen.AddRange(now);
            return ValueTask.FromResult(now.Count == 0);
        });
        seen[^1].IsConnected.Should().BeFalse();

        living.Add("a");
        await LookUntilAsync(s => s.IsConnected);
    }

    [Fact]
    public async Task Connected_WhatADeadNodeLeft_WasNeverSeen()
    {
        await EndAsync();
        await BeatAsync("dead");
        await SayAsync("dead", new AgentReport(IsConnected: true, UsedHub: true));
        living.Add("alive");
        await SayAsync("alive", new AgentReport(IsConnected: true, UsedHub: true), "critic");

        using var again = new CancellationTokenSource();
        following = reported.RunAsync(again.Token);
        await LookUntilAsync(s => s.Agent.Topic.Id == "critic" && s.IsConnected);

        reported.Look().Should().NotContain(s => s.Agent == Writer);
        await again.CancelAsync();
    }

    [Fact]
    public async Task Gone_WhatWasSaidBeforeTheWatchBegan_IsNoSignOfLife()
    {
        await EndAsync();
        living.Add("a");
        await SayAsync("a", new AgentReport(IsConnected: false, UsedHub: true));

        using var again = new CancellationTokenSource();
        following = reported.RunAsync(again.Token);

        (await LookUntilAsync(s => !s.IsConnected)).Should().Be(new AgentSighting(Writer, DateTimeOffset.MinValue, IsConnected: false, UsedHub: true));
        await again.CancelAsync();
    }

    [Fact]
    public async Task Connected_OnTwoNodes_OneIsEnough()
    {
        foreach (var node in (string[])["a", "b"])
        {
            living.Add(node);
            await SayAsync(node, new AgentReport(IsConnected: true, UsedHub: true));
        }

        await LookUntilAsync(s => s.IsConnected);
        await SayAsync("a", new AgentReport(IsConnected: false, UsedHub: true));
        await SayAsync("b", new AgentReport(IsConnected: true, UsedHub: true), "critic");
        await LookUntilAsync(s => s.Agent.Topic.Id == "critic");

        reported.Look().Single(s => s.Agent == Writer).IsConnected.Should().BeTrue();
    }

    [Fact]
    public async Task Node_ThatSaidGoodbye_HasNobody()
    {
        living.Add("a");
        await SayAsync("a", new AgentReport(IsConnected: true, UsedHub: true));
        await LookUntilAsync(s => s.IsConnected);

        living.Remove("a");
        await documents.DeleteAsync(AgentReport.KeyOf("a"), expectedRevision: null, Token);

        await LookUntilAsync(s => !s.IsConnected);
    }

    [Fact]
    public async Task Node_ThatIsDeadForAMinute_LeavesNothing()
    {
        living.Add("a");
        await SayAsync("a", new AgentReport(IsConnected: true, UsedHub: true));
        await LookUntilAsync(s => s.IsConnected);

        living.Clear();
        await UntilAsync(async () =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return !await documents.ListAsync(AgentReport.Prefix, Token).AnyAsync(Token);
        });
    }

    [Fact]
    public async Task Reporter_SaysWhatChanges_AndEverythingAgainWhenItWasTakenForDead()
    {
        var connections = new AgentConnections(time);
        var node = new NodeIdentity("a", "1", time.GetUtcNow());
        using var reporter = new AgentReporter(connections, documents, node, new LivenessOptions(), time, NullLogger<AgentReporter>.Instance);
        await reporter.StartAsync(Token);
        var connection = connections.Open("acme", ["writer"]);
        await TickUntilAsync(() => LookAsync(s => s.IsConnected));

        await documents.DeleteAsync(AgentReport.KeyOf(node.Incarnation), expectedRevision: null, Token);
        await documents.DeleteAsync(AgentReport.KeyOf(node.Incarnation, Writer), expectedRevision: null, Token);
        await TickUntilAsync(async () => await documents.GetAsync(AgentReport.KeyOf(node.Incarnation, Writer), Token) is not null);
        await TickUntilAsync(() => LookAsync(s => s.IsConnected));

        connection.Dispose();
        await TickUntilAsync(() => LookAsync(s => !s.IsConnected));
        await reporter.StopAsync(Token);
        (await documents.GetAsync(AgentReport.KeyOf(node.Incarnation), Token)).Should().BeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reporter_WhenTheStoreFails_SaysItLater(bool isUnforeseen)
    {
        var connections = new AgentConnections(time);
        var node = new NodeIdentity("a", "1", time.GetUtcNow());
        documents.Faults.FailNextWrites(3, FaultPoint.BeforeStoring, isUnforeseen ? new InvalidOperationException("The store is in an unforeseen state.") : null);
        using var reporter = new AgentReporter(connections, documents, node, new LivenessOptions(), time, NullLogger<AgentReporter>.Instance);
        await reporter.StartAsync(Token);

        await TickUntilAsync(async () => await documents.GetAsync(AgentReport.KeyOf(node.Incarnation), Token) is not null);
        await reporter.StopAsync(Token);
    }

    [Fact]
    public async Task Reporter_OfOneWhoOnlyPublishes_SaysThatItWasHeard()
    {
        var connections = new AgentConnections(time);
        using var reporter = new AgentReporter(connections, documents, new NodeIdentity("a", "1", time.GetUtcNow()), new LivenessOptions(), time, NullLogger<AgentReporter>.Instance);
        await reporter.StartAsync(Token);

        connections.Heard(Writer);

        await TickUntilAsync(() => LookAsync(s => s is { IsConnected: false, UsedHub: false }));
        await reporter.StopAsync(Token);
    }

    private async Task EndAsync()
    {
        await ended.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task BeatAsync(string node) =>
        await documents.PutAsync(AgentReport.KeyOf(node), "\"name\""u8.ToArray(), expectedRevision: null, Token);

    private async Task SayAsync(string node, AgentReport report, string agentId = "writer") => await documents.PutAsync(
        AgentReport.KeyOf(node, new TopicKey("acme", Topic.Agent(agentId))),
        JsonSerializer.SerializeToUtf8Bytes(report, ProjectionJsonContext.Default.AgentReport),
        expectedRevision: null,
        Token);

    private async Task<AgentSighting> LookUntilAsync(Func<AgentSighting, bool> isIt)
    {
        AgentSighting? found = null;
        await UntilAsync(async () =>
        {
            foreach (var node in living)
            {
                await BeatAsync(node); // one that wrote last before it was watched has not been seen to live
            }

            return (found = reported.Look().Cast<AgentSighting?>().FirstOrDefault(s => isIt(s!.Value))) is not null;
        });
        return found!.Value;
    }

    private ValueTask<bool> LookAsync(Func<AgentSighting, bool> isIt) => ValueTask.FromResult(reported.Look().Any(isIt));

    private Task TickUntilAsync(Func<ValueTask<bool>> condition) => UntilAsync(async () =>
    {
        time.Advance(Beat / 4);
        await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Token); // the clock would run away from those who wait for it
        return await condition();
    });

    // The tables say nothing when they change: whoever reads them asks again, too.
    private static async Task UntilAsync(Func<ValueTask<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (!await condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
