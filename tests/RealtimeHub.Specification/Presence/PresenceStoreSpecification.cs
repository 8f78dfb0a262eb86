using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Presence;

namespace RealtimeHub.Specification.Presence;

/// <summary>What every <see cref="IPresenceStore"/> must do. A backend derives from it and says how to make one.</summary>
public abstract class PresenceStoreSpecification : IAsyncLifetime
{
    private static readonly PresencePlace Talk = new("acme", Topic.Conversation("talk"));

    private static readonly PresencePlace Tenant = new("acme", Topic: null);

    private static readonly Subject Ada = Subject.User("ada");

    private static readonly Subject Mia = Subject.User("mia");

    private static readonly PresenceLease Desk = new("desk");

    private static readonly PresenceLease Phone = new("phone");

    private IPresenceHarness? harness;

    /// <summary>The stores under test.</summary>
    protected IPresenceHarness Harness => harness ?? throw new InvalidOperationException("The test has not begun.");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>New and empty stores.</summary>
    protected abstract ValueTask<IPresenceHarness> CreateAsync();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => harness = await CreateAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (harness is not null)
        {
            await harness.DisposeAsync();
        }
    }

    [Fact]
    public async Task Set_TheFirst_IsAChangeAndInTheList()
    {
        var change = await SetAsync(Desk, PresenceState.Away);

        change!.Place.Should().Be(Talk);
        change.Item.Should().Be(new PresenceItem(Ada, PresenceState.Away, change.Item.Since));
        change.Item.Since.Ticks.Should().Match(t => t % TimeSpan.TicksPerMillisecond == 0);
        (await Harness.Other.ListAsync(Talk, Token)).Should().Equal(change.Item);
    }

    [Fact]
    public async Task Set_TheSameAgain_IsNoChange()
    {
        var change = await SetAsync(Desk, PresenceState.Active);

        (await SetAsync(Desk, PresenceState.Active)).Should().BeNull();
        (await Harness.Store.ListAsync(Talk, Token)).Should().Equal(change!.Item);
    }

    [Fact]
    public async Task Set_OfflineWithoutALease_IsNoChange()
    {
        (await SetAsync(Desk, PresenceState.Offline)).Should().BeNull();
        (await Harness.Store.ListAsync(Talk, Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task Set_OneAfterTheOther_IsSinceLaterEachTime()
    {
        PresenceState[] states = [PresenceState.Active, PresenceState.Away, PresenceState.Active, PresenceState.Typing, PresenceState.Away];
        var since = new List<DateTimeOffset>();
        foreach (var state in states)
        {
            since.Add((await SetAsync(Desk, state))!.Item.Since);
        }

        since.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Set_ByTwoDevicesOnTwoNodes_IsOnePresence()
    {
        (await StateAsync(Harness.Store, Desk, PresenceState.Away)).Should().Be(PresenceState.Away);
        (await StateAsync(Harness.Other, Phone, PresenceState.Active)).Should().Be(PresenceState.Active);
        (await StateAsync(Harness.Store, Desk, PresenceState.Typing)).Should().Be(PresenceState.Typing);
        (await StateAsync(Harness.Other, Phone, PresenceState.Away)).Should().BeNull();
        (await StateAsync(Harness.Store, Desk, PresenceState.Offline)).Should().Be(PresenceState.Away);
        (await StateAsync(Harness.Other, Phone, PresenceState.Offline)).Should().Be(PresenceState.Offline);
        (await Harness.Store.ListAsync(Talk, Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task Set_InPlacesAndTenants_IsOnlyThere()
    {
        var elsewhere = new PresencePlace("other", Topic.Conversation("talk"));
        await SetAsync(Desk, PresenceState.Active);
        await Harness.Store.SetAsync(Tenant, Mia, Phone, PresenceState.Away, Token);
        await Harness.Store.SetAsync(elsewhere, Mia, Phone, PresenceState.Typing, Token);

        (await Harness.Other.ListAsync(Talk, Token)).Should().ContainSingle().Which.Subject.Should().Be(Ada);
        (await Harness.Other.ListAsync(Tenant, Token)).Should().ContainSingle().Which.State.Should().Be(PresenceState.Away);
        (await Harness.Other.ListAsync(elsewhere, Token)).Should().ContainSingle().Which.State.Should().Be(PresenceState.Typing);
    }

    [Fact]
    public async Task Set_ManyAtOnce_TellsEachChangeOnce()
    {
        var changes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
            await (i % 2 == 0 ? Harness.Store : Harness.Other).SetAsync(Talk, Ada, new PresenceLease($"c{i}"), PresenceState.Active, Token)));

        changes.Where(c => c is not null).Should().ContainSingle();
    }

    [Fact]
    public async Task Lapse_OfTyping_IsActiveAgain()
    {
        await SetAsync(Desk, PresenceState.Typing);

        var lapsed = await Harness.LapseAsync(Harness.Options.TypingTime);

        lapsed.Should().ContainSingle().Which.Item.State.Should().Be(PresenceState.Active);
        (await Harness.Other.ListAsync(Talk, Token)).Should().Equal(lapsed[0].Item);
    }

    [Fact]
    public async Task Lapse_OfWhatWasSaidOverHttp_IsOffline()
    {
        var http = new PresenceLease(PresenceLease.Http, Harness.Options.HttpLease);
        await SetAsync(http, PresenceState.Active);

        var lapsed = await Harness.LapseAsync(Harness.Options.HttpLease);

        lapsed.Should().ContainSingle().Which.Item.State.Should().Be(PresenceState.Offline);
        (await Harness.Other.ListAsync(Talk, Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task Set_OverHttpOnTwoNodes_IsOneLease()
    {
        var http = new PresenceLease(PresenceLease.Http, Harness.Options.HttpLease);
        await Harness.Store.SetAsync(Talk, Ada, http, PresenceState.Active, Token);

        (await StateAsync(Harness.Other, http, PresenceState.Offline)).Should().Be(PresenceState.Offline);
    }

    [Fact]
    public async Task End_AtOnce_IsOffline()
    {
        await SetAsync(Desk, PresenceState.Active);

        (await Harness.Store.EndAsync(Talk, Ada, Desk, TimeSpan.Zero, Token))!.Item.State.Should().Be(PresenceState.Offline);
        (await Harness.Store.EndAsync(Talk, Ada, Desk, TimeSpan.Zero, Token)).Should().BeNull();
    }

    [Fact]
    public async Task End_WithoutALease_IsNothing()
    {
        (await Harness.Store.EndAsync(Talk, Ada, Desk, Harness.Options.Grace, Token)).Should().BeNull();
        (await Harness.Store.ListAsync(Talk, Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task End_WithGrace_IsOfflineWhenItIsOver()
    {
        await SetAsync(Desk, PresenceState.Active);

        (await Harness.Store.EndAsync(Talk, Ada, Desk, Harness.Options.Grace, Token)).Should().BeNull();
        (await Harness.Other.ListAsync(Talk, Token)).Should().ContainSingle();
        (await Harness.LapseAsync(Harness.Options.Grace)).Should().ContainSingle().Which.Item.State.Should().Be(PresenceState.Offline);
    }

    [Fact]
    public async Task End_AndAnotherConnectionWithinTheGrace_IsNoChange()
    {
        await SetAsync(Desk, PresenceState.Active);
        await Harness.Store.EndAsync(Talk, Ada, Desk, Harness.Options.Grace, Token);

        (await StateAsync(Harness.Other, Phone, PresenceState.Active)).Should().BeNull();
        await Harness.PassAsync(Harness.Options.Grace * 1.5);
        (await Harness.Store.LapseAsync(Token)).Should().BeEmpty();
        (await Harness.Other.LapseAsync(Token)).Should().BeEmpty();
        (await Harness.Store.ListAsync(Talk, Token)).Should().ContainSingle().Which.State.Should().Be(PresenceState.Active);
    }

    private async Task<PresenceChange?> SetAsync(PresenceLease lease, PresenceState state) =>
        await Harness.Store.SetAsync(Talk, Ada, lease, state, Token);

    private static async Task<PresenceState?> StateAsync(IPresenceStore store, PresenceLease lease, PresenceState state) =>
        (await store.SetAsync(Talk, Ada, lease, state, Token))?.Item.State;
}
