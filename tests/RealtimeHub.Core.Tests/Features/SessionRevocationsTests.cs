using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Sessions;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Node;
using RealtimeHub.Specification;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>What a node knows of revoked sessions, and when.</summary>
public sealed class SessionRevocationsTests : World
{
    private readonly List<string> ended = [];

    private Caller Ada => Callers.Ada with { IssuedAt = Node.Time.GetUtcNow() };

    [Fact]
    public async Task IsRevoked_TokenIssuedBefore_IsAndOneIssuedAfterIsNot()
    {
        var sessions = Sessions();
        var before = Ada;
        Node.Time.Advance(TimeSpan.FromMilliseconds(1));
        await RevokeAsync();

        (await sessions.IsRevokedAsync(before, TestContext.Current.CancellationToken)).Should().BeTrue("it is looked up");
        (await sessions.IsRevokedAsync(Ada, TestContext.Current.CancellationToken)).Should().BeFalse();
        (await sessions.IsRevokedAsync(before with { Tenant = "globex" }, TestContext.Current.CancellationToken)).Should().BeFalse();
        (await sessions.IsRevokedAsync(Callers.Bob, TestContext.Current.CancellationToken)).Should().BeFalse();
    }

    [Fact]
    public async Task See_WhoWasAskedFor_IsKnownFromThenOn()
    {
        var sessions = Sessions();
        var before = Ada;
        (await sessions.IsRevokedAsync(before, TestContext.Current.CancellationToken)).Should().BeFalse();
        Node.Time.Advance(TimeSpan.FromMilliseconds(1));
        await RevokeAsync();

        sessions.See(Last);
        Node.Log.Faults.IsDown = true;

        (await sessions.IsRevokedAsync(before, TestContext.Current.CancellationToken)).Should().BeTrue("the log need not answer for that");
    }

    [Fact]
    public async Task See_OpenConnections_EndThoseOfOlderTokensAlone()
    {
        var sessions = Sessions();
        await sessions.IsRevokedAsync(Ada, TestContext.Current.CancellationToken); // as every request is
        await sessions.IsRevokedAsync(Callers.Bob, TestContext.Current.CancellationToken);
        using var old = sessions.Watch(Ada, () => ended.Add("old"));
        using var other = sessions.Watch(Callers.Bob with { IssuedAt = Node.Time.GetUtcNow() }, () => ended.Add("other"));
        sessions.Watch(Ada, () => ended.Add("gone")).Dispose();
        Node.Time.Advance(TimeSpan.FromMilliseconds(1));
        using var fresh = sessions.Watch(Ada, () => ended.Add("fresh"));
        await RevokeAsync();

        sessions.See(Last);
        sessions.See(Last);

        ended.Should().Equal("old");
    }

    [Fact]
    public async Task Watch_RevokedAMomentBefore_EndsAtOnce()
    {
        var sessions = Sessions();
        var before = Ada;
        Node.Time.Advance(TimeSpan.FromMilliseconds(1));
        await RevokeAsync();
        sessions.See(Last);

        using var late = sessions.Watch(before, () => ended.Add("late"));

        ended.Should().Equal("late");
    }

    [Fact]
    public async Task Begin_RevokedByAnotherNodeBefore_IsLookedUpAgain()
    {
        var sessions = Sessions();
        var before = Ada;
        (await sessions.IsRevokedAsync(before, TestContext.Current.CancellationToken)).Should().BeFalse();
        Node.Time.Advance(TimeSpan.FromMilliseconds(1));
        await RevokeAsync();

        sessions.Begin(new LogHead(1, Last.Sequence));

        (await sessions.IsRevokedAsync(before, TestContext.Current.CancellationToken)).Should().BeTrue();
    }

    [Fact]
    public async Task Begin_OpenConnectionRevokedByAnotherNodeBefore_EndsWhenTheLogSaysSo()
    {
        var sessions = Sessions();
        var before = Ada;
        (await sessions.IsRevokedAsync(before, TestContext.Current.CancellationToken)).Should().BeFalse();
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var connection = sessions.Watch(before, end.SetResult);
        Node.Time.Advance(TimeSpan.FromMilliseconds(1));
        await RevokeAsync();
        Node.Log.Faults.IsDown = true;
        var timers = Node.Time.Timers;

        sessions.Begin(new LogHead(1, Last.Sequence));
        await Node.UntilAsync(() => Node.Time.Timers > timers);
        end.Task.IsCompleted.Should().BeFalse();
        Node.Log.Faults.IsDown = false;
        Node.Time.Advance(TimeSpan.FromSeconds(1));

        await Deadline.Within(end.Task);
    }

    [Fact]
    public async Task Watch_RevokedAndForgottenSinceTheRequest_EndsTheConnection()
    {
        var sessions = Sessions();
        var before = Ada;
        (await sessions.IsRevokedAsync(before, TestContext.Current.CancellationToken)).Should().BeFalse();
        Node.Time.Advance(TimeSpan.FromMilliseconds(1));
        await RevokeAsync();
        sessions.Begin(new LogHead(1, Last.Sequence));
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        using var connection = sessions.Watch(before, end.SetResult);

        await Deadline.Within(end.Task);
    }

    private SessionRevocations Sessions() => new(Node.Get<ITopicFolds>(), Node.Time);

    private async Task RevokeAsync() => Ok(await Node.Send(Callers.Admin, new RevokeSessions { Subject = Subject.User("ada") }));
}
