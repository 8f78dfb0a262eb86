using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Connections;
using RealtimeHub.Cluster.Tests.Harness;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Cluster.Tests;

/// <summary>Two servers behind nginx, which sends every request wherever it likes.</summary>
public sealed class LoadBalancerTests : IAsyncLifetime
{
    private readonly LoadBalancer balancer = new();
    private ServerCluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await ServerCluster.StartAsync(2, publicUrl: balancer.PublicUrl);
        await balancer.StartAsync(cluster.Nodes);
    }

    public async ValueTask DisposeAsync()
    {
        await balancer.DisposeAsync();
        await cluster.DisposeAsync();
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets, false)]
    [InlineData(HttpTransportType.WebSockets, true)]
    [InlineData(HttpTransportType.ServerSentEvents, true)]
    [InlineData(HttpTransportType.LongPolling, true)]
    public async Task StockClients_WhereverTheyLand_SeeTheSame(HttpTransportType transport, bool negotiates)
    {
        var (ada, olga) = await cluster.SetStageAsync();
        var hubs = new List<HubClient>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                hubs.Add(await HubClient.ConnectAsync(
                    balancer.Address, HubPaths.Operator, HubProtocol.Json, () => Task.FromResult(olga.Token), negotiates: negotiates, transport: transport));
                await hubs[i].SubscribeAsync(ServerCluster.Talk);
            }

            (await ConnectionsAsync(ada)).Should().OnlyContain(count => count > 0).And.HaveCount(2);
            await hubs[0].OkAsync("SendMessage", Json.Object("""{ "conversationId": "talk", "text": "Hello" }"""));

            foreach (var hub in hubs)
            {
                await hub.Received.EventAsync(ServerCluster.Talk, "message.created");
            }
        }
        finally
        {
            foreach (var hub in hubs)
            {
                await hub.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Negotiation_OverTheLoadBalancer_NamesTheServerThatAnswered()
    {
        var (_, olga) = await cluster.SetStageAsync();
        var api = olga.At(balancer.Address).Api;

        var urls = new HashSet<string>();
        for (var i = 0; i < 10; i++)
        {
            urls.Add((string)(await api.PostAsync($"{HubPaths.Events}/negotiate?negotiateVersion=1")).Ok()["url"]!);
        }

        urls.Should().BeEquivalentTo(Enumerable.Range(0, 2).Select(node => balancer.PublicUrl(node) + HubPaths.Events));
    }

    [Fact]
    public async Task ServerKilledAndServerStopped_ClientsGoOnAtTheOther_AndMissNothing()
    {
        var (ada, olga) = await cluster.SetStageAsync();
        await using var crowd = new Crowd([balancer.Address], olga, size: 40, seed: 1, negotiates: i => i % 2 == 0);
        await crowd.LiveAsync();
        await using var writer = await Writer.StartAsync(cluster, olga);
        await writer.WroteAsync(10);

        await cluster.Nodes[0].KillAsync();
        await writer.WroteAsync(10);
        await cluster.Nodes[0].StartAsync();
        await writer.WroteAsync(10);
        await cluster.Nodes[1].StopAsync();
        await writer.WroteAsync(10);

        await writer.CheckAsync(ada);
        await crowd.CheckAsync(ada);
        crowd.Connections.Should().BeGreaterThan(40);
    }

    [Fact]
    public async Task WhatTheServersRefuse_IsRefusedInTheirWords()
    {
        var (_, olga) = await cluster.SetStageAsync();
        var api = olga.At(balancer.Address).Api;

        (await api.PostAsync("/api/v1/conversations/talk/messages", new JsonObject { ["text"] = new string('x', 3 << 20) })).Problem(413, "too_large");
        (await api.GetAsync("/api/v1/conversations/none")).Problem(404, "not_found");
        (await api.GetAsync("/metrics")).Status.Should().Be(404);
        balancer.Output.Should().NotContain("access_token");
    }

    private async Task<List<int>> ConnectionsAsync(Person ada)
    {
        var counts = new List<int>();
        foreach (var node in cluster.Nodes)
        {
            var status = (await ada.At(node.Address).Api.GetAsync("/api/v1/status")).Ok();
            counts.Add((int)status["details"]!["connections"]!["total"]!);
        }

        return counts;
    }
}
