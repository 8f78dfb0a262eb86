using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;

namespace RealtimeHub.Core.Tests.Folds;

/// <summary>A snapshot is valid JSON of at most 256 KiB, whatever is in the topic.</summary>
public sealed class SnapshotTests
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Subject Writer = Subject.Agent("writer");

    public static TheoryData<string, int, int> Seeds =>
    [
        .. from kind in (string[])["conversation", "agent", "tenant", "user", "process"]
           from size in (int[])[40, 4_000, 60_000]
           from seed in Enumerable.Range(1, 4)
           select (kind, seed, size),
    ];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void WriteSnapshot_RandomTopic_IsValidAndFits(string kind, int seed, int longest)
    {
        var fold = new FoldUnderTest(Topic.Parse($"{kind}:x"));
        new RandomEvents(seed, longest).ApplyTo(fold, longest > 10_000 ? 150 : 600);

        AssertFits(fold);
    }

    [Fact]
    public void WriteSnapshot_CutInsideACharacter_KeepsNoHalfOfIt()
    {
        // The cut falls at even and at odd places: one of them is inside.
        for (var shift = 0; shift < 2; shift++)
        {
            var fold = new FoldUnderTest();
            for (var i = 0; i < 200; i++)
            {
                var text = new string('x', shift) + string.Concat(Enumerable.Repeat("🌍", 8000));
                fold.Apply(EventTypes.MessageCreated, new MessageCreated($"m{i}", MessageRole.User, text));
            }

            var message = AssertFits(fold)["messages"]![0]!;
            message["truncated"]!.GetValue<bool>().Should().BeTrue();
            message["text"]!.GetValue<string>().Should().EndWith("🌍");
        }
    }

    [Fact]
    public void WriteSnapshot_TextLongerThanIsKept_IsCutAtACharacterAndSaysSo()
    {
        var fold = new FoldUnderTest();
        fold.Apply(EventTypes.MessageCreated, new MessageCreated("m1", MessageRole.User, "x" + string.Concat(Enumerable.Repeat("🌍", 20_000))));

        var message = AssertFits(fold)["messages"]![0]!;

        message["truncated"]!.GetValue<bool>().Should().BeTrue();
        message["text"]!.GetValue<string>().Length.Should().Be((32 * 1024) - 1);
    }

    [Fact]
    public void WriteSnapshot_OneLongOpenMessage_IsWhole()
    {
        var text = new string('x', 200_000);
        var fold = new FoldUnderTest().WithRun();
        fold.Apply(EventTypes.MessageStarted, new MessageStarted("m1", MessageRole.Assistant), "r1", Writer);
        fold.Apply(EventTypes.MessageDelta, new MessageDelta("m1", text), "r1", Writer);
        for (var i = 0; i < 100; i++)
        {
            fold.Apply(EventTypes.MessageCreated, new MessageCreated($"c{i}", MessageRole.User, new string('y', 20_000)));
        }

        var open = AssertFits(fold)["messages"]!.AsArray().Single(m => m!["messageId"]!.GetValue<string>() == "m1")!;

        open["text"]!.GetValue<string>().Should().Be(text);
        open.AsObject().ContainsKey("truncated").Should().BeFalse();
    }

    [Fact]
    public void WriteSnapshot_ThousandsOfOpenMessages_Fits()
    {
        var fold = new FoldUnderTest().WithRun();
        for (var i = 0; i < 5000; i++)
        {
            fold.Apply(EventTypes.MessageStarted, new MessageStarted($"m{i}", MessageRole.Assistant), "r1", Writer);
        }

        var snapshot = AssertFits(fold);

        snapshot["truncated"]!.GetValue<bool>().Should().BeTrue();
        snapshot["messages"]!.AsArray()[^1]!["messageId"]!.GetValue<string>().Should().Be("m4999");
    }

    [Fact]
    public void WriteSnapshot_ThousandsOfOpenRuns_Fits()
    {
        var (home, tenant) = (new FoldUnderTest(), new FoldUnderTest(Topic.Tenant("acme")));
        for (var i = 0; i < 3000; i++)
        {
            home.WithRun($"r{i}");
            tenant.WithRun($"r{i}");
        }

        AssertFits(home);
        AssertFits(tenant);
    }

    [Fact]
    public void WriteSnapshot_LongLinesEverywhere_Fits()
    {
        var huge = new string('\u0001', 60_000);
        var fold = new FoldUnderTest().WithRun();
        fold.Apply(EventTypes.RunStepStarted, new RunStep("r1", "s1", huge), "r1", Writer);
        fold.Apply(EventTypes.ReasoningStarted, new ReasoningStarted("t1", huge), "r1", Writer);
        fold.Apply(EventTypes.ToolCallStarted, new ToolCallStarted("tc1", huge), "r1", Writer);
        AssertFits(fold)["runs"]![0]!["steps"]!.AsArray().Should().ContainSingle();

        fold.Apply(EventTypes.RunFailed, new RunFailed("r1", new RunError(huge, huge)), "r1", Writer);
        var run = AssertFits(fold.WithRun("r2"))["runs"]![0]!;
        run["truncated"]!.GetValue<bool>().Should().BeTrue();
    }

    [Fact]
    public void WriteSnapshot_500ParticipantsWithLongNames_ShowsThemAll()
    {
        var fold = new FoldUnderTest();
        for (var i = 0; i < 500; i++)
        {
            fold.Apply(EventTypes.ParticipantJoined, new ParticipantChanged(new Participant
            {
                Kind = SubjectKind.User, Id = $"{i:d64}", Role = ParticipantRole.Member, DisplayName = new string('\u0001', 200),
            }));
        }

        AssertFits(fold)["participants"]!.AsArray().Should().HaveCount(500);
    }

    [Fact]
    public void WriteSnapshot_TitleOfHalfAMegabyte_FallsBackToTheId()
    {
        var fold = new FoldUnderTest();
        fold.Apply(EventTypes.ConversationUpdated, new ConversationUpdated(new string('x', 500_000), Labels: null));

        AssertFits(fold).ToJsonString().Should().Be("""{"id":"c1","truncated":true,"seq":1}""");
    }

    [Fact]
    public void WriteSnapshot_LoneSurrogateInRawJson_IsLeftOut()
    {
        var fold = new FoldUnderTest();
        fold.ApplyRaw(
            EventTypes.RunRequested, """{"runId":"r1","agentId":"writer","input":{"x":"\ud800"},"deadline":"2026-01-01T00:00:00Z"}""", "r1");

        var run = AssertFits(fold)["runs"]![0]!.AsObject();

        run.ContainsKey("input").Should().BeFalse();
        run["truncated"]!.GetValue<bool>().Should().BeTrue();
    }

    private static JsonObject AssertFits(FoldUnderTest fold)
    {
        var bytes = fold.Fold.WriteSnapshot(epoch: 1);
        bytes.Length.Should().BeLessThanOrEqualTo(SnapshotBudget.MaxBytes);
        Strict.GetCharCount(bytes.Span); // throws on half a character
        using var parsed = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
        ReadEveryString(parsed.RootElement);
        return JsonNode.Parse(bytes.Span)!.AsObject();
    }

    private static void ReadEveryString(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString(); // throws on a lone surrogate
                break;
            case JsonValueKind.Array:
                element.EnumerateArray().ToList().ForEach(ReadEveryString);
                break;
            case JsonValueKind.Object:
                element.EnumerateObject().ToList().ForEach(m => ReadEveryString(m.Value));
                break;
        }
    }
}
