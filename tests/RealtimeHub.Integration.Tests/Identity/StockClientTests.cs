using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Server.Identity.Tickets;

namespace RealtimeHub.Integration.Tests.Identity;

/// <summary>The .NET client as it comes follows the redirect and lives on its ticket.</summary>
public sealed class StockClientTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task Connect_TicketIsOver_ConnectionGoesOn(HttpTransportType transport)
    {
        await using var server = await IdentityServer.StartAsync(clock);
        await using var client = server.Client(transport, () => server.TokenAsync());

        await client.StartAsync(Cancelled);
        (await client.InvokeAsync<string>("WhoAmI", Cancelled)).Should().Be("acme/ada conversations.read");
        clock.Advance(ConnectionTickets.Lifetime + TimeSpan.FromMinutes(30));

        // Several, because each answer ends a long poll: the next poll carries the old ticket.
        for (var i = 0; i < 3; i++)
        {
            (await client.InvokeAsync<string>("WhoAmI", Cancelled)).Should().Be("acme/ada conversations.read");
        }
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task Connect_AnyTransport_TokenGoesWithTheFirstNegotiationAlone(HttpTransportType transport)
    {
        await using var server = await IdentityServer.StartAsync(clock);
        await using var client = server.Client(transport, () => server.TokenAsync());

        await client.StartAsync(Cancelled);
        await client.InvokeAsync<string>("WhoAmI", Cancelled);
        await client.StopAsync(Cancelled);
        await server.Requests.WaitForAsync(r => r is { Method: "GET", HasConnection: true });

        var requests = server.Requests.Answered.Where(r => r.Path.StartsWith("/hubs", StringComparison.Ordinal)).ToList();
        requests[0].Should().Be(new Answered("POST", "/hubs/probe/negotiate", HasConnection: false, Carried.Jwt, Carried.Nothing, 200));
        requests.Skip(1).Should().OnlyContain(r => r.Header == Carried.Ticket && r.Query == Carried.Nothing);
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task Stop_AnyTransport_NothingIsRemembered(HttpTransportType transport)
    {
        await using var server = await IdentityServer.StartAsync(clock);
        var connections = server.Services.GetRequiredService<TicketConnections>();
        await using var client = server.Client(transport, () => server.TokenAsync());

        await client.StartAsync(Cancelled);
        await client.InvokeAsync<string>("WhoAmI", Cancelled);
        connections.Count.Should().Be(1);
        await client.StopAsync(Cancelled);

        // A client that polls says goodbye; when the server's own end of the connection is faster, its last poll is answered without content.
        await server.Requests.WaitForAsync(r => r.HasConnection
            && (transport == HttpTransportType.LongPolling ? r.Method == "DELETE" || r.Status == 204 : r.Method == "GET"));
        connections.Count.Should().Be(0);
    }

    [Fact]
    public async Task Connect_WebSocketWithoutNegotiation_TokenInTheHeaderIsEnough()
    {
        await using var server = await IdentityServer.StartAsync(clock);
        await using var client = server.Client(HttpTransportType.WebSockets, () => server.TokenAsync(), skipNegotiation: true);

        await client.StartAsync(Cancelled);

        (await client.InvokeAsync<string>("WhoAmI", Cancelled)).Should().Be("acme/ada conversations.read");
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task TokenEnds_ConnectionIsToldAndEnds_AndComesBackWithANewToken(HttpTransportType transport)
    {
        await using var server = await IdentityServer.StartAsync();
        var asked = 0;
        await using var client = server.Client(
            transport, () => server.TokenAsync(seconds: asked++ == 0 ? 4 : null), reconnects: [TimeSpan.Zero, TimeSpan.FromSeconds(1)]);
        var closing = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var back = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var order = new List<string>();
        client.On<string, bool, int>("Closing", (code, reconnect, afterMs) =>
        {
            order.Add("closing");
            closing.SetResult($"{code} {reconnect} {afterMs}");
        });
        client.Reconnecting += _ =>
        {
            order.Add("ended");
            return Task.CompletedTask;
        };
        client.Reconnected += _ =>
        {
            back.SetResult();
            return Task.CompletedTask;
        };

        await client.StartAsync(Cancelled);
        (await closing.Task.WaitAsync(Deadline, Cancelled)).Should().Be("TokenExpired True 0");
        await back.Task.WaitAsync(Deadline, Cancelled);

        order.Should().Equal("closing", "ended");
        asked.Should().Be(2);
        (await client.InvokeAsync<string>("WhoAmI", Cancelled)).Should().Be("acme/ada conversations.read");
    }
}
