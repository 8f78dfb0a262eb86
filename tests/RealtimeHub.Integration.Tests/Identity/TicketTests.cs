using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Server.Identity.Tickets;
using static RealtimeHub.Integration.Tests.Identity.IdentityServer;

namespace RealtimeHub.Integration.Tests.Identity;

public sealed class TicketTests
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Negotiate_BearerHeader_AnswersTheAbsoluteAddressAndATicket()
    {
        await using var server = await StartAsync(clock);
        using var response = await server.SendAsync(HttpMethod.Post, Hub + "/negotiate?negotiateVersion=1", await server.TokenAsync());

        var answer = await JsonAsync(response);
        ((string?)answer["url"]).Should().Be(new Uri(server.Http.BaseAddress!, Hub).ToString());
        answer.AsObject().Select(m => m.Key).Should().BeEquivalentTo("url", "accessToken");
        ((string)answer["accessToken"]!).Should().NotContain(".");
        response.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Fact]
    public async Task Negotiate_PublicUrl_IsWhereTheClientIsSent()
    {
        await using var server = await StartAsync(clock, settings: ("Node:PublicUrl", "https://hub.example/realtime/"));
        using var response = await server.SendAsync(HttpMethod.Post, Hub + "/negotiate", await server.TokenAsync());

        ((string?)(await JsonAsync(response))["url"]).Should().Be("https://hub.example/realtime/hubs/probe");
    }

    [Theory]
    [InlineData("POST", "/hubs/probe/negotiate")]
    [InlineData("GET", "/hubs/probe")]
    [InlineData("GET", "/probe")]
    public async Task Request_TokenInTheQuery_IsRefused(string method, string path)
    {
        await using var server = await StartAsync(clock);
        var token = await server.TokenAsync();

        using var response = await server.SendAsync(new HttpMethod(method), $"{path}?access_token={token}");

        await ProblemAsync(response, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Negotiate_TicketIsOver_IsRefused()
    {
        await using var server = await StartAsync(clock);
        var ticket = await server.TicketAsync();

        clock.Advance(ConnectionTickets.Lifetime - TimeSpan.FromSeconds(1));
        await server.ConnectionAsync(ticket);
        clock.Advance(TimeSpan.FromSeconds(1));
        using var response = await server.SendAsync(HttpMethod.Post, Hub + "/negotiate", ticket);

        await ProblemAsync(response, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Request_TicketElsewhere_IsRefused()
    {
        await using var server = await StartAsync(clock);
        var ticket = await server.TicketAsync();

        using var otherHub = await server.SendAsync(HttpMethod.Post, Elsewhere + "/negotiate", ticket);
        using var endpoint = await server.SendAsync(HttpMethod.Get, "/probe", ticket);
        using var endpointByQuery = await server.SendAsync(HttpMethod.Get, "/probe?access_token=" + ticket);

        await ProblemAsync(otherHub, HttpStatusCode.Unauthorized, "unauthenticated");
        await ProblemAsync(endpoint, HttpStatusCode.Unauthorized, "unauthenticated");
        await ProblemAsync(endpointByQuery, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Request_AnotherTicketsConnection_IsRefused()
    {
        await using var server = await StartAsync(clock);
        var connection = await server.ConnectionAsync(await server.TicketAsync());
        var other = await server.TicketAsync(await server.TokenAsync(user: "mallory"));

        using var response = await server.SendAsync(HttpMethod.Post, $"{Hub}?id={connection}", other, new StringContent("x"));

        await ProblemAsync(response, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Request_ConnectionNeverUsedInTime_IsRefused()
    {
        await using var server = await StartAsync(clock);
        var ticket = await server.TicketAsync();
        var connection = await server.ConnectionAsync(ticket);

        clock.Advance(ConnectionTickets.Lifetime);
        using var response = await server.SendAsync(HttpMethod.Get, $"{Hub}?id={connection}", ticket);

        await ProblemAsync(response, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Request_TicketInTheQueryAsBrowsersSendIt_OutlivesTheTicketUntilTheTokenEnds()
    {
        await using var server = await StartAsync(clock);
        var ticket = await server.TicketAsync(await server.TokenAsync(seconds: 3600));
        var address = $"{Hub}?id={await server.ConnectionAsync(ticket)}&access_token={ticket}";

        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var stream = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        stream.StatusCode.Should().Be(HttpStatusCode.OK);

        clock.Advance(TimeSpan.FromSeconds(3590));
        using var handshake = new StringContent("{\"protocol\":\"json\",\"version\":1}\u001e");
        using var late = await server.SendAsync(HttpMethod.Post, address, content: handshake);
        late.StatusCode.Should().Be(HttpStatusCode.OK);

        clock.Advance(TimeSpan.FromSeconds(11));
        using var ping = new StringContent("{\"type\":6}\u001e");
        using var tooLate = await server.SendAsync(HttpMethod.Post, address, content: ping);
        await ProblemAsync(tooLate, HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task WebSocket_TicketInTheQueryWithoutNegotiation_Connects()
    {
        await using var server = await StartAsync(clock);
        using var socket = new ClientWebSocket();
        var address = new UriBuilder(server.Http.BaseAddress!) { Scheme = "ws", Path = Hub, Query = "access_token=" + await server.TicketAsync() };

        await socket.ConnectAsync(address.Uri, Cancelled);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, endOfMessage: true, Cancelled);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer, Cancelled);

        Encoding.UTF8.GetString(buffer, 0, received.Count).Should().Be("{}\u001e");
    }

    [Fact]
    public async Task Ticket_MadeByAnotherNodeWithTheSameDocuments_IsAccepted()
    {
        var documents = new MemoryDocuments();
        await using var first = await StartAsync(clock, documents);
        var ticket = await first.TicketAsync();

        await using var second = await StartAsync(clock, documents);
        await second.ConnectionAsync(ticket);
        await using var stranger = await StartAsync(clock);
        using var refused = await stranger.SendAsync(HttpMethod.Post, Hub + "/negotiate", ticket);

        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Connections_NeverUsed_AreForgotten()
    {
        await using var server = await StartAsync(clock);
        var connections = server.Services.GetRequiredService<TicketConnections>();
        for (var i = 0; i < 5; i++)
        {
            await server.ConnectionAsync(await server.TicketAsync());
        }

        connections.Count.Should().Be(5);
        clock.Advance(ConnectionTickets.Lifetime);
        await server.ConnectionAsync(await server.TicketAsync());

        connections.Count.Should().Be(1);
    }
}
