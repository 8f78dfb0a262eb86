using System.Net;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Server.Identity.Tickets;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>Clients that come too often.</summary>
[Collection(BadClientsCollection.Name)]
public sealed class ConnectionLimitTests(BadClientsServer fixture)
{
    private const int Limit = 20;

    private static readonly string[] Hubs = [HubPaths.Events, HubPaths.Operator, HubPaths.Agent];

    public static TheoryData<HubProtocol, bool> Ways => new MatrixTheoryData<HubProtocol, bool>(Enum.GetValues<HubProtocol>(), [true, false]);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Connect_OverTheLimit_IsRefusedUntilOneIsClosed(HubProtocol protocol, bool negotiates)
    {
        var server = fixture.Server;
        var stage = await Stage.SetAsync(server);
        var clients = new List<HubClient>();
        for (var i = 0; i < Limit; i++)
        {
            clients.Add(await stage.Olga.ConnectAsync(Hubs[i % Hubs.Length], protocol, negotiates: (i % 4 == 0) != negotiates));
        }

        foreach (var hub in Hubs)
        {
            await RefusedAsync(stage.Olga, hub, protocol, negotiates);
        }

        await using (var other = await stage.Mia.ConnectAsync(HubPaths.Events, protocol, negotiates: negotiates))
        {
            await other.SubscribeAsync(Stage.Talk);
        }

        foreach (var client in clients)
        {
            (await client.SubscribeAsync(Stage.Talk, "snapshot"))["status"]!.ToString().Should().Be("ok", "those who are in stay");
        }

        await clients[7].DisposeAsync();
        await using (var next = await ConnectAtLastAsync(stage.Olga, protocol, negotiates))
        {
            await next.SubscribeAsync(Stage.Talk);
            await RefusedAsync(stage.Olga, HubPaths.Events, protocol, negotiates);
        }

        await Task.WhenAll(clients.Select(c => c.DisposeAsync().AsTask()));
        server.Errors.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task Connect_OverTheLimitAndSpeakingAtOnce_IsHeardByNobody()
    {
        var stage = await Stage.SetAsync(fixture.Server);
        var clients = await Task.WhenAll(Enumerable.Range(0, Limit).Select(_ => stage.Olga.ConnectAsync(HubPaths.Operator)));
        using var peer = await RawPeer.ConnectAsync(stage.Olga, HubPaths.Operator);

        // In one go with the handshake, before it can have heard anything.
        await peer.SendAsync("""{"type":1,"invocationId":"1","target":"SendMessage","arguments":[{"conversationId":"talk","text":"Let me in"}]}""");
        await peer.ReadToEndAsync();

        var messages = peer.Messages();
        messages.Should().NotContain(m => (int?)m["type"] == 3);
        ((string?)messages.Single(m => (string?)m["target"] == "Closing")["arguments"]![0]!["code"]).Should().Be("limit");
        (await stage.Olga.HistoryAsync(Stage.Talk)).Should().NotContain(e => Stage.TypeOf(e) == EventTypes.MessageCreated);
        await Task.WhenAll(clients.Select(c => c.DisposeAsync().AsTask()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ConnectsFiveHundredTimes_AndStays_TwentyAreLetIn(bool negotiates)
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);

        // All at once: no race passes the limit.
        var clients = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => TryConnectAsync(crowd.Mallory, i, negotiates)));

        var inside = clients.OfType<HubClient>().Count(c => !c.Closed.IsCompleted);
        inside.Should().Be(Limit);
        await crowd.NoticesNothingAsync();
        await Task.WhenAll(clients.OfType<HubClient>().Select(c => c.DisposeAsync().AsTask()));
        await using var later = await ConnectAtLastAsync(crowd.Mallory);
        await later.SubscribeAsync(Stage.Talk);
    }

    [Fact]
    public async Task ConnectsFiveHundredTimes_OneAfterTheOther_IsLetInEachTime()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        for (var i = 0; i < 500; i++)
        {
            var connecting = fixture.Watch.NextAsync();
            await using (var client = await crowd.Mallory.ConnectAsync(
                Hubs[i % Hubs.Length], i % 2 == 0 ? HubProtocol.Json : HubProtocol.MessagePack, negotiates: i % 4 < 2))
            {
                await client.SubscribeAsync(Stage.Talk);
            }

            await Deadline.Within((await connecting).Gone);
        }

        await crowd.NoticesNothingAsync();
    }

    [Fact]
    public async Task NegotiatesAndNeverConnects_IsRefusedUntilThatLapses()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        var remembered = fixture.Server.Services.GetRequiredService<TicketConnections>();
        var before = remembered.Count;
        var (ticket, _) = await NegotiateAsync(crowd.Mallory, crowd.Mallory.Token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => NegotiateAsync(crowd.Mallory, (string)ticket.Body!["accessToken"]!)));

        answers.Count(a => a.Answer.Status == 200).Should().Be(Limit);
        foreach (var (answer, wait) in answers.Where(a => a.Answer.Status != 200))
        {
            answer.Problem(429, "rate_limited");
            wait.Should().Be(BadClientsServer.NegotiatedFor);
        }

        (remembered.Count - before).Should().Be(Limit, "nothing is kept of what was refused");
        (await NegotiateAsync(crowd.Mallory, crowd.Mallory.Token)).Answer.Problem(429, "rate_limited");
        await using var olga = await crowd.Olga.ConnectAsync(HubPaths.Events);
        await olga.SubscribeAsync(Stage.Talk);

        // It waits as long as it was told to, and is let in.
        await Task.Delay(BadClientsServer.NegotiatedFor, TimeProvider.System, TestContext.Current.CancellationToken);
        await using var mallory = await crowd.Mallory.ConnectAsync(HubPaths.Events);
        await mallory.SubscribeAsync(Stage.Talk);
        await crowd.NoticesNothingAsync();
    }

    /// <summary>Connects again and again until it is let in: nobody tells a client when the server has seen another one go.</summary>
    internal static async Task<HubClient> ConnectAtLastAsync(Person person, HubProtocol protocol = HubProtocol.Json, bool negotiates = false)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await TryConnectAsync(person, protocol, HubPaths.Events, negotiates) is { } client)
            {
                return client;
            }

            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(Deadline.Length);
        }
    }

    private static Task<HubClient?> TryConnectAsync(Person person, int number, bool negotiates) =>
        TryConnectAsync(person, number % 2 == 0 ? HubProtocol.Json : HubProtocol.MessagePack, Hubs[number % Hubs.Length], negotiates);

    /// <summary>A connection that was let in; null when it was refused as the protocol says.</summary>
    private static async Task<HubClient?> TryConnectAsync(Person person, HubProtocol protocol, string hub, bool negotiates)
    {
        HubClient client;
        try
        {
            client = await person.ConnectAsync(hub, protocol, negotiates: negotiates);
        }
        catch (HttpRequestException e) when (negotiates && e.StatusCode == HttpStatusCode.TooManyRequests)
        {
            return null;
        }

        // Whichever comes first: it works, or it is told why not.
        var works = client.BeginAsync("Unsubscribe", Json.Object("""{ "topics": [] }"""));
        await Task.WhenAny(works, Deadline.Within(client.Closed));
        if (works.IsCompletedSuccessfully)
        {
            return client;
        }

        await works.Invoking(w => w).Should().ThrowAsync<Exception>();
        negotiates.Should().BeFalse("its place was kept when it negotiated");
        await SaysLimitAsync(client);
        await client.DisposeAsync();
        return null;
    }

    private static async Task RefusedAsync(Person person, string hub, HubProtocol protocol, bool negotiates)
    {
        if (negotiates)
        {
            var connect = () => person.ConnectAsync(hub, protocol);
            (await connect.Should().ThrowAsync<HttpRequestException>()).Which.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
            var (answer, wait) = await NegotiateAsync(person, person.Token, hub);
            answer.Problem(429, "rate_limited");
            wait.Should().Be(BadClientsServer.NegotiatedFor);
        }
        else
        {
            await using var client = await person.ConnectAsync(hub, protocol, negotiates: false);
            await Deadline.Within(client.Closed);
            await SaysLimitAsync(client);
        }
    }

    private static async Task SaysLimitAsync(HubClient client)
    {
        var closing = (await client.Received.PushAsync(p => p.Method == "Closing")).Message;
        ((string?)closing["code"], (bool?)closing["reconnect"]).Should().Be(("limit", false));
    }

    private static async Task<(Answer Answer, TimeSpan? RetryAfter)> NegotiateAsync(Person person, string token, string hub = HubPaths.Events)
    {
        var answer = await new Api(person.Address, token).PostAsync($"{hub}/negotiate?negotiateVersion=1");
        return (answer, answer.RetryAfter);
    }
}
