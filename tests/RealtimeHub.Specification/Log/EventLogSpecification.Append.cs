using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Specification.Log;

public abstract partial class EventLogSpecification
{
    [Fact]
    public async Task Append_Several_KeepTheirOrderAndGrow()
    {
        var last = await StoreAsync(Topic, TestEvents.State("a"), TestEvents.Delta("b"), TestEvents.State("c"));

        var events = await Log.ReadAsync(Topic, new LogRange(10), Token);
        IdsOf(events).Should().Equal("a", "b", "c");
        events.Select(e => e.Sequence).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        events[0].Sequence.Should().BePositive();
        events[^1].Sequence.Should().Be(last);
    }

    [Fact]
    public async Task Append_SeveralTopics_ShareOneOrder()
    {
        var first = await StoreAsync(Topic, TestEvents.State("a"));
        var second = await StoreAsync(TestEvents.Topic("c2"), TestEvents.State("a"));
        var third = await StoreAsync(Topic, TestEvents.Delta("b"));

        new[] { first, second, third }.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Append_AnEvent_IsReadBackAsItWas()
    {
        var written = TestEvents.State("a", "text", new EventMeta("key", "body", "operator_hub", "correlation"));
        var sequence = await StoreAsync(Topic, written);

        var e = (await Log.ReadAsync(Topic, new LogRange(1), Token)).Should().ContainSingle().Subject;
        e.Topic.Should().Be(Topic);
        e.Lane.Should().Be(Lane.State);
        e.Sequence.Should().Be(sequence);
        e.Id.Should().Be("a");
        e.Time.Should().Be(TestEvents.Time);
        e.Meta.Should().Be(written.Meta);
        e.Body.ToArray().Should().Equal(written.Body.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Append_PartialMeta_IsReadBackAsItWas(bool none)
    {
        var meta = none ? null : new EventMeta(Surface: "http");
        await StoreAsync(Topic, TestEvents.Delta("a", meta: meta));

        (await Log.ReadAsync(Topic, new LogRange(1), Token))[0].Meta.Should().Be(meta);
    }

    [Theory]
    [InlineData("""{"text":"žluťoučký 🐎 \u0000 日本"}""")]
    [InlineData("""{ "b" : 1.0e+2 ,  "a":[ ] }""")]
    [InlineData("\"\\ud83d\\ude00\"")]
    [InlineData("null")]
    public async Task Append_AnyJson_IsReadBackByteForByte(string json)
    {
        var data = Encoding.UTF8.GetBytes(json);
        await StoreAsync(Topic, TestEvents.Raw("a", data));

        (await Log.ReadAsync(Topic, new LogRange(1), Token))[0].Data.ToArray().Should().Equal(data);
    }

    [Fact]
    public async Task Append_BigEvents_AreReadBackByteForByte()
    {
        var big = Enumerable.Range(0, 8).Select(i => TestEvents.State($"big{i}", new string((char)('a' + i), 512 * 1024))).ToArray();
        foreach (var e in big)
        {
            await StoreAsync(Topic, e);
        }

        var events = await Log.ReadAsync(Topic, new LogRange(10, MaxBytes: int.MaxValue), Token);
        events.Select(e => e.Body.Span.SequenceEqual(big[events.ToList().IndexOf(e)].Body.Span)).Should().HaveCount(8).And.OnlyContain(same => same);
        await using var tail = new TailReader(Log, 0);
        IdsOf(await tail.TakeAsync(8)).Should().Equal(IdsOf(events));
    }

    [Fact]
    public async Task Append_Nothing_IsRefused() =>
        await FluentActions.Awaiting(() => AppendAsync(null)).Should().ThrowAsync<ArgumentException>();

    [Fact]
    public async Task Append_WhatCouldNotBeReadBack_IsRefusedAndStoresNothing()
    {
        var good = TestEvents.State("a");
        NewEvent[] bad =
        [
            good with { Id = "b" },
            good with { Lane = Lane.Stream },
            good with { Body = "{\"id\":\"a\"}"u8.ToArray() },
            good with { Body = "not json"u8.ToArray() },
            good with { Body = ReadOnlyMemory<byte>.Empty },
        ];
        foreach (var e in bad)
        {
            await FluentActions.Awaiting(() => AppendAsync(null, TestEvents.State("z"), e)).Should().ThrowAsync<ArgumentException>();
        }

        (await IdsAsync(Topic)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("acme", "writer.v2")]
    [InlineData("acme", "*")]
    [InlineData("acme", "")]
    [InlineData("a.b", "writer")]
    public async Task Append_ToATopicThatIsNone_IsRefused(string tenant, string id)
    {
        var append = () => Log.AppendAsync(new TopicKey(tenant, Contracts.Topic.Agent(id)), [TestEvents.State("a")], null, Token).AsTask();

        await append.Should().ThrowAsync<ArgumentException>();
        (await Log.GetHeadAsync(Token)).LastSequence.Should().Be(0);
    }

    [Fact]
    public async Task Append_Cancelled_Throws()
    {
        var append = () => Log.AppendAsync(Topic, [TestEvents.State("a")], null, new CancellationToken(canceled: true)).AsTask();

        await append.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Head_EmptyLog_IsZeroWithAnEpoch()
    {
        var head = await Log.GetHeadAsync(Token);

        head.LastSequence.Should().Be(0);
        head.Epoch.Should().BeInRange(1, (1UL << 48) - 1);
    }

    [Fact]
    public async Task Head_AfterAnAppend_IsItsSequence()
    {
        var epoch = (await Log.GetHeadAsync(Token)).Epoch;
        var sequence = await StoreAsync(Topic, TestEvents.State("a"), TestEvents.Delta("b"));

        (await Log.GetHeadAsync(Token)).Should().Be(new LogHead(epoch, sequence));
    }
}
