using FsCheck;
using FsCheck.Xunit;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Pipeline;

/// <summary>What is sent too fast is refused with the time to wait, and takes nothing from anybody else.</summary>
public sealed class RateTests
{
    private const string Talk = "conversation:talk";

    [Fact]
    public async Task Send_MoreCommandsThanTheBurst_IsRateLimitedUntilTheTimeThatIsTold()
    {
        await using var node = Node(new Limits { CommandsPerSecond = 50, CommandBurst = 3 });
        var mia = Callers.Ada with { Subject = Subject.User("mia") };

        var refused = await SendUntilRefusedAsync(node, Callers.Ada, atLeast: 3);

        refused.Code.Should().Be(ErrorCode.RateLimited);
        refused.RetryAfterMs.Should().BeInRange(1, 1000);
        (await CreateAsync(node, mia, "hers")).Ok.Should().BeTrue("the share is the user's own");
        (await CreateAsync(node, Callers.Ada with { Tenant = "other" })).Ok.Should().BeTrue("a namesake in another tenant is somebody else");
        (await node.SendAsync<ListConversations, ListPage>(Callers.Ada with { Surface = Surface.Http }, new())).Ok.Should().BeTrue("a list is no command");
        node.Time.Advance(TimeSpan.FromMilliseconds(refused.RetryAfterMs!.Value));
        (await CreateAsync(node, Callers.Ada)).Error!.Code.Should().Be(ErrorCode.Conflict, "the id is taken, and that is looked at again");
        node.Audit.Records.Should().Contain(r => r.Outcome == ErrorCode.RateLimited && r.Request == nameof(CreateConversation));
    }

    [Fact]
    public async Task Send_OverSeveralSurfacesAndMalformed_CountsTogether()
    {
        await using var node = Node(new Limits { CommandsPerSecond = 1, CommandBurst = 2 });
        await CreateAsync(node, Callers.Ada);
        await CreateAsync(node, Callers.Ada with { Surface = Surface.Http }, title: "");

        var unbound = await node.Get<ISender>().Send(
            Call<CreateConversation, CreateConversationResult>.Unbound(Callers.Ada, Error.Invalid("title", "is not of its type")), TestContext.Current.CancellationToken);

        unbound.Error!.Code.Should().Be(ErrorCode.RateLimited);
    }

    [Fact]
    public async Task Publish_MoreEventsThanTheBurst_IsRateLimitedByEventsAndNotByCommands()
    {
        await using var node = Node(new Limits { PublishedEventsPerSecond = 1, PublishBurst = 10, CommandsPerSecond = 1, CommandBurst = 1 });
        (await CreateAsync(node, Callers.Ada)).Ok.Should().BeTrue();

        (await PublishAsync(node, 6)).Ok.Should().BeTrue();
        var second = await PublishAsync(node, 6);
        var third = await PublishAsync(node, 4);

        second.Error!.Code.Should().Be(ErrorCode.RateLimited);
        third.Ok.Should().BeTrue("what was refused took nothing");
    }

    [Fact]
    public async Task Publish_ABatchLargerThanTheBurst_TakesAWholeBurst()
    {
        await using var node = Node(new Limits { PublishedEventsPerSecond = 1, PublishBurst = 10 });
        (await CreateAsync(node, Callers.Ada)).Ok.Should().BeTrue();

        (await PublishAsync(node, 20)).Ok.Should().BeTrue();

        (await PublishAsync(node, 1)).Error!.Code.Should().Be(ErrorCode.RateLimited);
    }

    [Fact]
    public async Task Read_HistoryTooOften_IsRateLimited()
    {
        await using var node = Node(new Limits { HistoryReadsPerSecond = 2 });
        await CreateAsync(node, Callers.Ada);
        var http = Callers.Ada with { Surface = Surface.Http };

        var replies = new List<Reply<History>>();
        for (var i = 0; i < 10; i++)
        {
            replies.Add(await node.SendAsync<GetHistory, History>(http, new() { Topic = Talk }));
        }

        replies[0].Ok.Should().BeTrue();
        replies.Should().Contain(r => !r.Ok && r.Error!.Code == ErrorCode.RateLimited && r.Error.RetryAfterMs > 0);
    }

    [Fact]
    public async Task Send_WithEveryRateOff_IsNeverRefused()
    {
        await using var node = Node(new Limits { CommandsPerSecond = 0, PublishedEventsPerSecond = 0, HistoryReadsPerSecond = 0 });

        for (var i = 0; i < 300; i++)
        {
            (await CreateAsync(node, Callers.Ada, title: "")).Error!.Code.Should().Be(ErrorCode.InvalidRequest);
        }
    }

    [Fact]
    public void TryTake_ByManyAtOnce_GivesExactlyTheBurst()
    {
        var buckets = new TokenBuckets<string>(perSecond: 10, burst: 1000, new FakeTimeProvider());
        var given = 0;

        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 1000; i++)
            {
                if (buckets.TryTake("ada", 1) is null)
                {
                    Interlocked.Increment(ref given);
                }
            }
        });

        given.Should().Be(1000);
    }

    [Property]
    public void TryTake_WhoeverWaitsAsTold_IsNotRefused(PositiveInt perSecond, PositiveInt burst, PositiveInt[] costs)
    {
        var time = new FakeTimeProvider();
        var buckets = new TokenBuckets<string>(perSecond.Get, burst.Get, time);
        foreach (var cost in costs)
        {
            if (buckets.TryTake("ada", cost.Get) is { } wait)
            {
                time.Advance(wait - TimeSpan.FromTicks(2));
                buckets.TryTake("ada", cost.Get).Should().NotBeNull("it is too early");
                time.Advance(TimeSpan.FromTicks(4));
                buckets.TryTake("ada", cost.Get).Should().BeNull();
            }
        }
    }

    [Fact]
    public void TryTake_ByMoreHoldersThanAreKept_ForgetsThoseWhoseBucketIsFull()
    {
        var time = new FakeTimeProvider();
        var buckets = new TokenBuckets<int>(perSecond: 1, burst: 1, time);
        for (var holder = 0; holder < 50_000; holder++)
        {
            buckets.TryTake(holder, 1).Should().BeNull();
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        buckets.Count.Should().BeLessThan(20_000);
    }

    [Fact]
    public async Task Rate_OfEveryUseCaseThatChangesSomething_IsDeclared()
    {
        await using var node = new CoreNode();

        node.Get<UseCases>().All.Where(u => u.Rate == Rate.None && u.Rules.Offers.Any(o => o.Surface == Surface.Http && !o.Name.StartsWith("GET ", StringComparison.Ordinal)))
            .Should().BeEmpty();
    }

    private static CoreNode Node(Limits limits) => new(before: null, s => s.AddSingleton(limits));

    private static async Task<Error> SendUntilRefusedAsync(CoreNode node, Caller caller, int atLeast)
    {
        for (var sent = 0; sent < 1000; sent++)
        {
            if ((await CreateAsync(node, caller)).Error is { Code: ErrorCode.RateLimited } error)
            {
                sent.Should().BeGreaterThanOrEqualTo(atLeast);
                return error;
            }
        }

        throw new InvalidOperationException("Nothing was refused.");
    }

    private static async Task<Reply<CreateConversationResult>> CreateAsync(CoreNode node, Caller caller, string title = "talk") =>
        await node.SendAsync<CreateConversation, CreateConversationResult>(caller, new() { Id = title, Title = title });

    private static async Task<Reply<PublishResult>> PublishAsync(CoreNode node, int events)
    {
        var request = new PublishEvents { Topic = Talk, Events = [.. Enumerable.Range(0, events).Select(_ => new PublishedEvent { Type = "custom.x", Data = Folds.Json.Of("{}") })] };
        return await node.SendAsync<PublishEvents, PublishResult>(Callers.Ada with { Surface = Surface.Http }, request);
    }
}
