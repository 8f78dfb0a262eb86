using NSubstitute;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Telemetry;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Status;

public sealed class GetStatusTests : IAsyncDisposable
{
    private readonly CoreNode node = new();

    public GetStatusTests()
    {
        node.Delivery.IsFollowing.Returns(true);
        node.Delivery.TailPosition.Returns(_ => node.Log.Events.Count);
        node.Delivery.CountConnections().Returns(new ConnectionLoad(3, 1, 2, 9, new Dictionary<string, int> { ["EventsHub"] = 6 }));
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task Get_ByAnybody_SaysHowTheNodeIsWithoutDetails()
    {
        node.Time.Advance(TimeSpan.FromSeconds(90));

        (await StatusAsync(Callers.Eve.Without(Scopes.AgentsRead))).Should().BeEquivalentTo(
            new NodeStatus("1.2.3", "node-1", 90, PartStatus.Ok, PartStatus.Ok, PartStatus.Ok, PartStatus.None));
    }

    [Fact]
    public async Task Get_ByAnAdmin_HasCountsAndRatesOfTheLastMinute()
    {
        var sampler = node.Get<NodeSampler>();
        await sampler.SampleAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 20; i++)
        {
            await CreateAsync($"c{i}");
        }

        node.Get<NodeCounters>().CountDeliveries(100);
        node.Time.Advance(TimeSpan.FromSeconds(10));
        await sampler.SampleAsync(TestContext.Current.CancellationToken);

        var details = (await StatusAsync(Callers.Admin)).Details!;

        details.Connections.Should().BeEquivalentTo(new ConnectionCounts(6, 3, 1, 2, new Dictionary<string, int> { ["events_hub"] = 6 }));
        (details.Subscriptions, details.LogHead, details.TailLag, details.ProjectorLag).Should().Be((9, 20, 0, 20));
        (details.RequestsPerSecond, details.DeliveriesPerSecond).Should().Be((2, 10));
    }

    [Fact]
    public async Task Get_WhenTheProjectorStandsStill_SaysBehindAfterFiveSeconds()
    {
        await CreateAsync("c1");
        await node.Get<NodeSampler>().SampleAsync(TestContext.Current.CancellationToken);
        (await StatusAsync(Callers.Eve)).Projector.Should().Be(PartStatus.Ok);

        node.Time.Advance(NodeSampler.MaxLag);

        (await StatusAsync(Callers.Eve)).Should().BeEquivalentTo(new { Tail = PartStatus.Ok, Projector = PartStatus.Behind });
    }

    [Fact]
    public async Task Get_WhenTheLogIsGone_SaysSo()
    {
        node.Log.Faults.IsDown = true;
        node.Delivery.IsFollowing.Returns(false);

        (await StatusAsync(Callers.Eve)).Should().BeEquivalentTo(new { Log = PartStatus.Unavailable, Tail = PartStatus.Unavailable });
    }

    private async Task<NodeStatus> StatusAsync(Caller caller) =>
        (await node.SendAsync<GetStatus, NodeStatus>(caller with { Surface = Surface.Http }, new GetStatus())).Value!;

    private async Task CreateAsync(string id) =>
        (await node.Send(Callers.Ada, new CreateConversation { Id = id, Title = "Refund" })).Ok.Should().BeTrue();
}
