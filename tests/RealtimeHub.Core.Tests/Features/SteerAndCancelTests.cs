using RealtimeHub.Contracts;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

public sealed class SteerAndCancelTests : World
{
    private static SteerRun Steer(string run) => new() { Topic = C1, RunId = run, Instruction = "shorter" };

    private static CancelRun Cancel(string run) => new() { Topic = C1, RunId = run, Reason = "enough" };

    [Fact]
    public async Task Steer_OpenRun_StoresTheInstruction()
    {
        var run = await RunAsync();

        var reply = await Node.Send(Callers.Bob, Steer(run));

        Ok(reply);
        reply.Seq.Should().Be(Last.Sequence);
        (Last.Type, Last.RunId).Should().Be((EventTypes.RunSteered, run));
        Last.Read<RunSteered>().Should().Be(new RunSteered(run, "shorter"));
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("failed")]
    [InlineData("cancelled")]
    public async Task Steer_EndedRun_IsConflictAndSaysHowItEnded(string status)
    {
        var run = await EndedAsync(status);

        var error = await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Ada, Steer(run)));

        error.Details!["status"]!.GetValue<string>().Should().Be(status);
    }

    [Fact]
    public async Task Cancel_NotStarted_IsCancelledAtOnce()
    {
        var run = await RunAsync(start: false);

        var reply = await Node.Send(Callers.Bob, Cancel(run));

        Ok(reply);
        reply.Seq.Should().Be(Last.Sequence);
        Last.Type.Should().Be(EventTypes.RunCancelled);
        Last.Read<RunCancelled>().Should().Be(new RunCancelled(run, "enough"));
    }

    [Fact]
    public async Task Cancel_Started_AsksTheAgent()
    {
        var run = await RunAsync();

        Ok(await Node.Send(Callers.Bob, Cancel(run)));

        Last.Type.Should().Be(EventTypes.RunCancelRequested);
        Last.Read<RunCancelRequested>().Should().Be(new RunCancelRequested(run, "enough"));
    }

    [Fact]
    public async Task Cancel_AskedAlready_IsOkAndAppendsNothing()
    {
        var run = await RunAsync();
        Ok(await Node.Send(Callers.Bob, Cancel(run)));
        var before = Count;

        (await Node.Send(Callers.Ada, Cancel(run))).Should().Be(Reply<Empty>.Success(Empty.Value));

        Count.Should().Be(before);
    }

    [Fact]
    public async Task Cancel_CancelledAlready_IsOkAndAppendsNothing()
    {
        var run = await EndedAsync("cancelled");
        var before = Count;

        (await Node.Send(Callers.Ada, Cancel(run))).Should().Be(Reply<Empty>.Success(Empty.Value));

        Count.Should().Be(before);
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("failed")]
    public async Task Cancel_EndedDifferently_IsConflict(string status)
    {
        var run = await EndedAsync(status);

        var error = await RefusedAsync(ErrorCode.Conflict, () => Node.Send(Callers.Ada, Cancel(run)));

        error.Details!["status"]!.GetValue<string>().Should().Be(status);
    }

    [Fact]
    public async Task Cancel_WhileTheAgentCompletes_OneOrderForEverybody()
    {
        await RunAsync();
        for (var i = 0; i < 20; i++)
        {
            var run = await AnotherRunAsync();

            var cancel = Node.Send(Callers.Ada, Cancel(run));
            var complete = PublishAsync(Callers.Writer, Event(EventTypes.RunCompleted, new RunCompleted(run)));
            Ok(await complete);
            var cancelled = await cancel;

            var types = Node.EventsOf(Conversation).Where(e => e.RunId == run).Select(e => e.Type);
            if (cancelled.Ok)
            {
                types.Should().Equal(EventTypes.RunRequested, EventTypes.RunStarted, EventTypes.RunCancelRequested, EventTypes.RunCompleted);
            }
            else
            {
                cancelled.Error!.Code.Should().Be(ErrorCode.Conflict);
                types.Should().Equal(EventTypes.RunRequested, EventTypes.RunStarted, EventTypes.RunCompleted);
            }
        }
    }

    [Fact]
    public async Task Steer_WhileTheAgentEnds_IsHeardOrRefusedAndNeverBehindTheEnd()
    {
        await RunAsync();
        for (var i = 0; i < 20; i++)
        {
            var run = await AnotherRunAsync();

            var steer = Node.Send(Callers.Ada, new SteerRun { Topic = C1, RunId = run, Instruction = "shorter" });
            var end = PublishAsync(Callers.Writer, Event(EventTypes.RunFailed, new RunFailed(run, new RunError("broken", "It broke."))));
            Ok(await end);
            var steered = await steer;

            var types = Node.EventsOf(Conversation).Where(e => e.RunId == run).Select(e => e.Type);
            types.Should().Equal(steered.Ok
                ? [EventTypes.RunRequested, EventTypes.RunStarted, EventTypes.RunSteered, EventTypes.RunFailed]
                : [EventTypes.RunRequested, EventTypes.RunStarted, EventTypes.RunFailed]);
            (steered.Error?.Code ?? ErrorCode.Conflict).Should().Be(ErrorCode.Conflict);
            ((string?)steered.Error?.Details?["status"] ?? "failed").Should().Be("failed");
        }
    }

    [Fact]
    public async Task SteerAndCancel_UnknownRun_IsNotFoundLikeAnUnknownTopic()
    {
        await RunAsync();
        var absent = await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, Steer("r9") with { Topic = "conversation:none" }));

        (await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, Steer("r9")))).Should().Be(absent);
        (await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, Cancel("r9")))).Should().Be(absent);
        (await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, Cancel("r9") with { Topic = "user:ada" }))).Should().Be(absent);
        (await RefusedAsync(ErrorCode.NotFound, () => Node.Send(Callers.Ada, Cancel("r9") with { Topic = "process:p1" }))).Should().Be(absent);
    }

    [Fact]
    public async Task SteerAndCancel_RoleTooLow_IsForbidden()
    {
        var run = await RunAsync();
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Olga, Steer(run)));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Olga, Cancel(run)));

        await AgentAsync("writer", new AccessGrant(Subject.User("bob"), Permission.View));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Bob, Steer(run)));
        await RefusedAsync(ErrorCode.Forbidden, () => Node.Send(Callers.Bob, Cancel(run)));
        Ok(await Node.Send(Callers.Admin, Cancel(run)));
    }

    [Fact]
    public async Task Steer_CopyOfARun_IsToBeDoneWhereItLives()
    {
        var run = await RunAsync();
        await Node.StartAsync();
        await Node.ProjectedAsync();

        var reply = await Node.Send(Callers.Ada, Steer(run) with { Topic = "agent:writer" });

        reply.Error!.Code.Should().Be(ErrorCode.NotFound);
        (await Node.Send(Callers.Ada, Cancel(run) with { Topic = "agent:writer" })).Error!.Code.Should().Be(ErrorCode.NotFound);
        (await Node.Send(Callers.Admin, Cancel(run) with { Topic = "tenant:acme" })).Error!.Code.Should().Be(ErrorCode.NotFound);
    }

    [Fact]
    public async Task SteerAndCancel_Malformed_NameTheMember()
    {
        await InvalidAsync(() => Node.Send(Callers.Ada, Steer("r1") with { Topic = "c1" }), "topic");
        await InvalidAsync(() => Node.Send(Callers.Ada, Steer("?")), "runId");
        await InvalidAsync(() => Node.Send(Callers.Ada, Steer("r1") with { Instruction = "" }), "instruction");
        await InvalidAsync(() => Node.Send(Callers.Ada, Steer("r1") with { IdempotencyKey = "" }), "idempotencyKey");
        await RefusedAsync(ErrorCode.TooLarge, () => Node.Send(Callers.Ada, Steer("r1") with { Instruction = new('x', 32_769) }));
        await InvalidAsync(() => Node.Send(Callers.Ada, Cancel("r1") with { Topic = null! }), "topic");
        await InvalidAsync(() => Node.Send(Callers.Ada, Cancel(null!)), "runId");
        await InvalidAsync(() => Node.Send(Callers.Ada, Cancel("r1") with { Reason = new('x', 1001) }), "reason");
        await InvalidAsync(() => Node.Send(Callers.Ada, Cancel("r1") with { IdempotencyKey = "" }), "idempotencyKey");
    }

    private async Task<string> EndedAsync(string status)
    {
        var run = await RunAsync();
        Ok(await PublishAsync(Callers.Writer, status switch
        {
            "completed" => Event(EventTypes.RunCompleted, new RunCompleted(run)),
            "failed" => Event(EventTypes.RunFailed, new RunFailed(run, new RunError("boom", "It broke."))),
            _ => Event(EventTypes.RunCancelled, new RunCancelled(run)),
        }));
        return run;
    }
}
