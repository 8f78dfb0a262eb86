using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

public abstract partial class EventLogSpecification
{
    [Fact]
    public async Task CheckCursor_StartOfATopic_Fits()
    {
        var start = Cursor.Start((await Log.GetHeadAsync(Token)).Epoch, Topic);

        (await CheckAsync(Topic, start)).Should().Be(CursorFit.Fits);
        await StoreAsync(Topic, TestEvents.State("a"));
        (await CheckAsync(Topic, start)).Should().Be(CursorFit.Fits);
    }

    [Fact]
    public async Task CheckCursor_AnyPositionOfTheTopic_Fits()
    {
        var cursors = new List<Cursor>();
        StateMark lastState = default;
        foreach (var e in new[] { TestEvents.Delta("0"), TestEvents.State("1"), TestEvents.Delta("2"), TestEvents.State("3"), TestEvents.State("4") })
        {
            lastState = await StoreAndMarkAsync(e, lastState);
            cursors.Add(await CursorAtHeadAsync(lastState));
        }

        foreach (var cursor in cursors)
        {
            (await CheckAsync(Topic, cursor)).Should().Be(CursorFit.Fits, "{0} is of this log", cursor);
        }
    }

    [Fact]
    public async Task CheckCursor_OtherTopic_Foreign()
    {
        var cursor = await CursorAtHeadAsync(await StoreAndMarkAsync(TestEvents.State("a"), default));

        (await CheckAsync(TestEvents.Topic("c2"), cursor)).Should().Be(CursorFit.Foreign);
        (await CheckAsync(Topic with { Tenant = "other" }, cursor)).Should().Be(CursorFit.Foreign);
    }

    [Fact]
    public async Task CheckCursor_LogMadeAnew_Foreign()
    {
        var cursor = await CursorAtHeadAsync(await StoreAndMarkAsync(TestEvents.State("a"), default));

        await Harness.RenewAsync();
        (await Log.GetHeadAsync(Token)).LastSequence.Should().Be(0);
        await StoreAsync(Topic, TestEvents.State("a"));

        (await CheckAsync(Topic, cursor)).Should().Be(CursorFit.Foreign);
    }

    [Fact]
    public async Task CheckCursor_TailRolledBack_Foreign()
    {
        var kept = await CursorAtHeadAsync(await StoreAndMarkAsync(TestEvents.State("a"), default));
        var lost = await CursorAtHeadAsync(await StoreAndMarkAsync(TestEvents.State("b"), kept.LastState));

        await Harness.RollBackAsync(kept.Sequence);

        (await CheckAsync(Topic, kept)).Should().Be(CursorFit.Fits);
        (await CheckAsync(Topic, lost)).Should().Be(CursorFit.Foreign, "it is above the head");
        await StoreAsync(Topic, TestEvents.State("c"));
        (await CheckAsync(Topic, lost)).Should().Be(CursorFit.Foreign, "another event has its sequence");
        (await CheckAsync(Topic, kept)).Should().Be(CursorFit.Fits);
    }

    [Fact]
    public async Task CheckCursor_RolledBackBehindADelta_ForeignWhenStateCameBetween()
    {
        var state = await StoreAndMarkAsync(TestEvents.State("a"), default);
        await StoreAsync(Topic, TestEvents.Delta("b"));
        var cursor = await CursorAtHeadAsync(state);

        await Harness.RollBackAsync(state.Sequence);
        await StoreAsync(Topic, TestEvents.State("c"));

        (await CheckAsync(Topic, cursor)).Should().Be(CursorFit.Foreign);
    }

    [Fact]
    public async Task CheckCursor_DeltasPurged_Fits()
    {
        var state = await StoreAndMarkAsync(TestEvents.State("a"), default);
        await StoreAsync(Topic, TestEvents.Delta("b"));
        var last = await StoreAsync(Topic, TestEvents.Delta("c"));
        var cursor = await CursorAtHeadAsync(state);

        await PurgeAsync(last + 1);

        (await CheckAsync(Topic, cursor)).Should().Be(CursorFit.Fits);
    }

    private ValueTask<CursorFit> CheckAsync(TopicKey topic, Cursor cursor) => new CursorCheck(Log).CheckAsync(topic, cursor, Token);

    private async Task<StateMark> StoreAndMarkAsync(NewEvent e, StateMark before)
    {
        await StoreAsync(Topic, e);
        var stored = (await Log.FindAsync(Topic, [e.Id], Token))[e.Id];
        return e.Lane == Contracts.Lane.State ? StateMark.Of(stored) : before;
    }

    private async Task<Cursor> CursorAtHeadAsync(StateMark lastState)
    {
        var head = await Log.GetHeadAsync(Token);
        return Cursor.At(head.Epoch, Topic, head.LastSequence, lastState);
    }
}
