using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Runs;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>A run is found as soon as it is in the log, whether or not the projector has listed it.</summary>
public sealed class GetRunTests : World
{
    [Fact]
    public async Task Get_RunThatNobodyHasListed_IsTheRun()
    {
        var run = await RunAsync(); // nothing projects

        var state = Ok(await Node.Send(Olga, new GetRun { RunId = run }));

        state.GetProperty("runId").GetString().Should().Be(run);
        state.GetProperty("topic").GetString().Should().Be(C1);
        state.GetProperty("status").GetString().Should().Be("running");
    }

    [Fact]
    public async Task Get_UnlistedRunByWhoMayNotSeeIt_IsAnsweredAsOneThatIsNotThere()
    {
        var run = await RunAsync();

        foreach (var stranger in (Caller[])[Callers.Eve, Callers.Ada with { Tenant = "globex" }])
        {
            var hidden = await RefusedAsync(ErrorCode.NotFound, () => Node.Send(stranger, new GetRun { RunId = run }));
            var absent = await RefusedAsync(ErrorCode.NotFound, () => Node.Send(stranger, new GetRun { RunId = "absent" }));
            hidden.Should().Be(absent);
        }
    }

    [Fact]
    public async Task Get_RunThatAnotherNodeMade_IsFoundOnceTheTailHasIt()
    {
        var run = await RunAsync();
        await using var other = new CoreNode(Node);
        (await other.Send(Olga, new GetRun { RunId = run })).Error!.Code.Should().Be(ErrorCode.NotFound);

        foreach (var e in Node.Log.Events)
        {
            other.Get<RunHomes>().See(e);
        }

        Ok(await other.Send(Olga, new GetRun { RunId = run })).GetProperty("topic").GetString().Should().Be(C1);
    }

    [Fact]
    public async Task Get_RunOfALogThatWasReplaced_IsNotThere()
    {
        var run = await RunAsync();

        Node.Get<RunHomes>().LogReplaced();

        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Olga, new GetRun { RunId = run }));
    }

    [Fact]
    public async Task Get_RunThatOnlyTheMemoryKnows_IsNotThere()
    {
        await ConversationAsync();
        Node.Get<RunHomes>().Note(new TopicKey(Callers.Tenant, Conversation), "never-stored");

        await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Olga, new GetRun { RunId = "never-stored" }));
    }

    [Fact]
    public void Note_MoreThanItKeeps_ForgetsTheOldest()
    {
        var (homes, home) = (new RunHomes(), new TopicKey(Callers.Tenant, Conversation));

        for (var i = 0; i <= 16 * 1024; i++)
        {
            homes.Note(home, $"{i}");
            homes.Note(home, $"{i}"); // from the tail, too
        }

        homes.Find(Callers.Tenant, "0").Should().BeNull();
        homes.Find(Callers.Tenant, "1").Should().Be(Conversation);
        homes.Find(Callers.Tenant, $"{16 * 1024}").Should().Be(Conversation);
        homes.Find("globex", "1").Should().BeNull();
    }
}
