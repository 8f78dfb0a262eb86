using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Presence;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Features;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Presence;

/// <summary>Presence on a node with a fake clock: how long it lasts, and what ends it.</summary>
public sealed class PresenceTests : World
{
    private static readonly Caller Http = Callers.Bob with { Surface = Surface.Http, ConnectionId = null };

    private PresenceKeeper Keeper => Node.Get<PresenceKeeper>();

    private PresenceOptions Options => Node.Get<PresenceOptions>();

    [Fact]
    public async Task Set_OverAHub_LastsAsLongAsTheConnectionAndTheGrace()
    {
        await ConversationAsync();
        Keeper.Connected(Callers.Bob);
        Ok(await SetAsync(Callers.Bob, PresenceState.Active));
        await PassAsync(TimeSpan.FromHours(1));
        (await StatesAsync()).Should().Equal("bob Active");

        Keeper.Disconnected(Callers.Bob);
        await PassAsync(Options.Grace - TimeSpan.FromMilliseconds(1));
        (await StatesAsync()).Should().Equal("bob Active");
        await PassAsync(TimeSpan.FromMilliseconds(1));
        (await StatesAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Set_OverHttp_Lasts60Seconds()
    {
        await ConversationAsync();
        Ok(await SetAsync(Http, PresenceState.Typing));
        (await StatesAsync()).Should().Equal("bob Typing");

        await PassAsync(TimeSpan.FromSeconds(10));
        (await StatesAsync()).Should().Equal("bob Active");
        await PassAsync(TimeSpan.FromSeconds(50));
        (await StatesAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Set_Repeated_GoesOnTyping()
    {
        await ConversationAsync();
        Keeper.Connected(Callers.Bob);
        for (var i = 0; i < 5; i++)
        {
            Ok(await SetAsync(Callers.Bob, PresenceState.Typing));
            await PassAsync(TimeSpan.FromSeconds(9));
            (await StatesAsync()).Should().Equal("bob Typing");
        }
    }

    [Fact]
    public async Task Set_InMorePlacesThanAConnectionMay_IsTooLarge()
    {
        Node.Limits.SubscriptionsPerConnection = 2;
        await ConversationAsync();
        await ConversationAsync("c2");
        Keeper.Connected(Callers.Bob);
        Ok(await SetAsync(Callers.Bob, PresenceState.Active));
        Ok(await SetAsync(Callers.Bob, PresenceState.Active, topic: null));

        (await SetAsync(Callers.Bob, PresenceState.Active, "conversation:c2")).Error!.Code.Should().Be(ErrorCode.TooLarge);
        Ok(await SetAsync(Callers.Bob, PresenceState.Away)); // a place that it is in already
        Ok(await SetAsync(Callers.Bob, PresenceState.Offline));
        Ok(await SetAsync(Callers.Bob, PresenceState.Active, "conversation:c2"));
    }

    [Fact]
    public async Task Set_InATopic_AppendsNothing()
    {
        await ConversationAsync();
        var before = Count;
        Ok(await SetAsync(Http, PresenceState.Active));

        Count.Should().Be(before);
    }

    [Fact]
    public async Task Sweep_AfterAParticipantLeft_EndsThePresenceOfItsConnectionsAlone()
    {
        await ConversationAsync();
        Keeper.Connected(Callers.Bob);
        Keeper.Connected(Callers.Ada);
        Ok(await SetAsync(Callers.Bob, PresenceState.Active));
        Ok(await SetAsync(Callers.Ada, PresenceState.Away));
        Ok(await Node.Send(Callers.Ada, new RemoveParticipant { ConversationId = "c1", Participant = Person("bob", ParticipantRole.Member) }));

        Node.Get<PresenceSweep>().See(Last);
        await PassAsync(TimeSpan.Zero);

        (await StatesAsync()).Should().Equal("ada Away");
    }

    [Fact]
    public async Task List_InPages_ShowsEverybodyOnceNewestChangeFirst()
    {
        await ConversationAsync();
        foreach (var caller in new[] { Callers.Ada, Callers.Bob, Olga })
        {
            Keeper.Connected(caller);
            Ok(await SetAsync(caller, PresenceState.Active));
            Node.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var first = await ListAsync(new ListPresence { Topic = C1, Limit = 2 });
        var second = await ListAsync(new ListPresence { Topic = C1, Limit = 2, After = first.Next });

        first.Items.Concat(second.Items).Select(i => i.Subject.Id).Should().Equal("olga", "bob", "ada");
        second.Next.Should().BeNull();
    }

    [Fact]
    public async Task List_OfTheTenant_IsForItsUsers()
    {
        Keeper.Connected(Callers.Bob);
        Ok(await SetAsync(Callers.Bob, PresenceState.Away, topic: null));

        (await ListAsync(new ListPresence())).Items.Should().ContainSingle().Which.Subject.Should().Be(Callers.Bob.Subject);
        var runtime = Callers.Writer with { Surface = Surface.Http, ConnectionId = null };
        (await Node.SendAsync<ListPresence, PresencePage>(runtime, new ListPresence())).Error!.Code.Should().Be(ErrorCode.Forbidden);
    }

    private Task<Reply<Empty>> SetAsync(Caller caller, PresenceState state, string? topic = C1) =>
        Node.SendAsync<SetPresence, Empty>(caller, new SetPresence { Topic = topic, State = state });

    private async Task<PresencePage> ListAsync(ListPresence request) =>
        (await Node.SendAsync<ListPresence, PresencePage>(Callers.Ada with { Surface = Surface.Http, ConnectionId = null }, request)).Value!;

    private async Task<List<string>> StatesAsync() =>
        [.. (await ListAsync(new ListPresence { Topic = C1 })).Items.Select(i => $"{i.Subject.Id} {i.State}")];

    private async Task PassAsync(TimeSpan time)
    {
        Node.Time.Advance(time);
        await Node.Get<PresenceSweep>().SweepAsync(TestContext.Current.CancellationToken);
    }
}
