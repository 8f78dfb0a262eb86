using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Server.Identity.Tickets;

namespace RealtimeHub.Integration.Tests.Identity;

/// <summary>The JavaScript client as it comes follows the redirect and lives on its ticket.</summary>
public sealed class JavaScriptClientTests
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData("WebSockets")]
    [InlineData("ServerSentEvents")]
    [InlineData("LongPolling")]
    public async Task Connect_TicketIsOver_ConnectionGoesOn(string transport)
    {
        await using var server = await IdentityServer.StartAsync(clock);
        using var client = await JavaScriptClient.StartAsync(
            new Uri(server.Http.BaseAddress!, IdentityServer.Hub).ToString(), transport, await server.TokenAsync());

        (await client.AnswerAsync()).Should().Be("connected");
        (await client.AnswerAsync("invoke")).Should().Be("acme/ada conversations.read");
        clock.Advance(ConnectionTickets.Lifetime + TimeSpan.FromMinutes(30));
        for (var i = 0; i < 3; i++)
        {
            (await client.AnswerAsync("invoke")).Should().Be("acme/ada conversations.read");
        }

        (await client.AnswerAsync("stop")).Should().Be("stopped");
        await server.Requests.WaitForAsync(r => r is { Method: "GET", HasConnection: true });
        var requests = server.Requests.Answered.Where(r => r.Path.StartsWith("/hubs", StringComparison.Ordinal)).ToList();
        requests[0].Header.Should().Be(Carried.Jwt);
        requests.Skip(1).Should().OnlyContain(r => r.Header != Carried.Jwt && r.Query != Carried.Jwt);
    }
}
