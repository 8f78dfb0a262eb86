using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Tests.Folds;

public sealed class RecentRequestsTests
{
    private readonly FoldUnderTest fold = new();

    private RecentRequests Recent => fold.Fold.Recent;

    [Fact]
    public void FindKey_Within24Hours_IsRemembered()
    {
        Keyed("k", "body");

        Recent.FindKey("k", fold.Time + TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1))
            .Should().Be(new KeyedOutcome(1, "e1", "body", fold.Time));
        Recent.FindEvent("e1", fold.Time).Should().Be(new RecentEvent(1, Subject.User("ada"), fold.Time));
        Recent.FindKey("other", fold.Time).Should().BeNull();
        Recent.FindEvent("other", fold.Time).Should().BeNull();
    }

    [Fact]
    public void FindKey_After24Hours_IsForgotten()
    {
        Keyed("k", "body");

        Recent.FindKey("k", fold.Time + TimeSpan.FromHours(24)).Should().BeNull();
        Recent.FindEvent("e1", fold.Time + TimeSpan.FromHours(24)).Should().BeNull();
    }

    [Fact]
    public void With_LaterEvents_DropsWhatIsTooOld()
    {
        Keyed("k1", "b");
        fold.Time += TimeSpan.FromHours(23);
        Keyed("k2", "b");
        fold.Time += TimeSpan.FromHours(2);
        Keyed("k3", "b");

        Recent.Keys.Keys.Should().BeEquivalentTo("k2", "k3");
        Recent.Events.Keys.Should().BeEquivalentTo("e2", "e3");
        Recent.KeyOrder.Should().HaveCount(2);
    }

    [Fact]
    public void With_KeyUsedAgainAfterItWasForgotten_KeepsTheNewOutcome()
    {
        Keyed("k", "first");
        fold.Time += TimeSpan.FromHours(24.5);
        Keyed("k", "second");
        Keyed("other", "b");

        Recent.FindKey("k", fold.Time)!.Should().BeEquivalentTo(new { Sequence = 2L, BodyHash = "second" });
    }

    [Fact]
    public void With_AnEventFromAheadOfTheClock_DoesNotHoldUpThoseBehindIt()
    {
        fold.Time += TimeSpan.FromMinutes(10);
        Keyed("ahead", "b");
        fold.Time -= TimeSpan.FromMinutes(10);
        Keyed("k", "b");
        fold.Time += TimeSpan.FromHours(24) + TimeSpan.FromMinutes(5);
        Keyed("later", "b");

        Recent.FindKey("k", fold.Time).Should().BeNull();
        Recent.FindKey("ahead", fold.Time).Should().NotBeNull();
    }

    [Fact]
    public void With_MoreEventsThanItKeeps_ForgetsTheOldestAndNoKey()
    {
        Keyed("k", "body");
        for (var i = 0; i < RecentRequests.MaxEvents + 10; i++)
        {
            fold.Apply(EventTypes.MessageCreated, new MessageCreated($"m{i}", MessageRole.User, "Hello."));
        }

        Recent.Events.Should().HaveCount(RecentRequests.MaxEvents + 1);
        Recent.FindEvent("e2", fold.Time).Should().BeNull("the log is asked for it");
        Recent.FindEvent($"e{RecentRequests.MaxEvents + 11}", fold.Time).Should().NotBeNull();
        Recent.FindKey("k", fold.Time).Should().NotBeNull();
    }

    [Fact]
    public void With_Delta_RemembersNothing()
    {
        fold.WithRun();
        var before = Recent;

        fold.Apply(EventTypes.MessageDelta, new MessageDelta("m1", "x"), "r1", Subject.Agent("writer"), new EventMeta("k", "b"));

        Recent.Should().BeSameAs(before);
    }

    private void Keyed(string key, string body) => fold.ApplyRaw("custom.note", "{}", meta: new EventMeta(key, body));
}
