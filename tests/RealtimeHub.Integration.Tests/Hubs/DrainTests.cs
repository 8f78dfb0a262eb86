using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Server.Hubs;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Hubs;

/// <summary>What clients and load balancers see of a server that stops while a command is running.</summary>
public sealed class DrainTests : IAsyncLifetime
{
    private readonly ServerFixture server = new();
    private readonly HttpClient http = new();
    private Stage stage = null!;

    public async ValueTask InitializeAsync()
    {
        await server.StartAsync();
        stage = await Stage.SetAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Stop_CommandRuns_NobodyNewIsLetInAndTheRestHearsOfItAfterwards()
    {
        await using var hub = await stage.Olga.ConnectAsync(HubPaths.Operator);
        await hub.SubscribeAsync(Stage.Talk);
        (await ReadinessAsync()).Should().Be(HttpStatusCode.OK);
        var running = server.Services.GetRequiredService<Draining>().TryBegin()!;

        var stopped = Task.Run(server.StopAsync, TestContext.Current.CancellationToken);
        await UntilNotReadyAsync();

        await RefusesNegotiationAsync();
        await RefusesSocketAsync();
        await RefusesCommandAsync(hub);
        hub.Received.All.Should().NotContain(p => p.Method == "Closing", "a command is still running");
        running.Dispose();
        var closing = (await hub.Received.PushAsync(p => p.Method == "Closing")).Message;
        ((string?)closing["code"], (bool?)closing["reconnect"]).Should().Be(("draining", true));
        ((int)closing["afterMs"]!).Should().BeInRange(0, 2000);
        await Deadline.Within(stopped);
        server.Errors.Entries.Should().BeEmpty();
    }

    private async Task RefusesNegotiationAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "/hubs/events/negotiate?negotiateVersion=1"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", stage.Mia.Token);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);

        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.Should().NotBeNull();
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        ((string?)problem["code"]).Should().Be("unavailable");
    }

    private async Task RefusesSocketAsync()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {stage.Mia.Token}");
        socket.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(new Uri(server.Address, HubPaths.Events)) { Scheme = "ws" }.Uri;

        await socket.Invoking(s => s.ConnectAsync(address, TestContext.Current.CancellationToken)).Should().ThrowAsync<WebSocketException>();
        socket.HttpStatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    private static async Task RefusesCommandAsync(HubClient hub)
    {
        var reply = await hub.CallAsync("SendMessage", Json.Object("""{ "conversationId": "talk", "text": "Too late" }"""));

        ((string?)reply["error"]!["code"]).Should().Be("unavailable");
        ((int?)reply["error"]!["retryAfterMs"]).Should().BePositive();
    }

    private async Task<HttpStatusCode> ReadinessAsync()
    {
        using var answer = await http.GetAsync(new Uri(server.Address, "/healthz/ready"), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    // Nobody signals it: a load balancer asks again and again, too.
    private async Task UntilNotReadyAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (await ReadinessAsync() == HttpStatusCode.OK)
        {
            deadline.Token.ThrowIfCancellationRequested();
        }
    }
}
