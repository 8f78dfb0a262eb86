using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Hubs;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Telemetry;

public sealed class AuditTests : IAsyncLifetime
{
    private readonly ServerFixture server = AuditedServer.Create();
    private Stage stage = null!;

    public async ValueTask InitializeAsync()
    {
        await server.StartAsync();
        stage = await Stage.SetAsync(server);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Audit_WhatWasDoneAndTried_IsThereWhateverTheTransport()
    {
        var sequence = await stage.SayAsync("Done");
        await TryAsync();

        var items = await UntilAsync("topic=conversation:other", 2);

        items.Select(i => ((string?)i["surface"], (string?)i["outcome"])).Should().BeEquivalentTo([("operator_hub", "not_found"), ("http", "not_found")]);
        items.Should().AllSatisfy(i =>
        {
            ((string?)i["request"], (string?)i["actor"]!["kind"], (string?)i["actor"]!["id"]).Should().Be(("SendMessage", "user", "mia"));
            ((string?)i["correlationId"]).Should().MatchRegex("^[0-9a-f]{32}$");
            i.ToJsonString().Should().NotContain("Hidden");
        });
        var done = (await UntilAsync("topic=conversation:talk&actor=user:olga", 2))[0];
        ((string?)done["outcome"], (string?)done["type"], (string?)done["request"], (long?)done["seq"])
            .Should().Be(("ok", "message.created", "SendMessage", sequence));
    }

    [Fact]
    public async Task Audit_AfterARestart_IsTheSame()
    {
        await TryAsync();
        var before = await UntilAsync("", 4);

        await server.StopAsync();
        await server.StartAsync();
        stage = stage.At(server.Address);

        (await UntilAsync("", 4)).Select(i => i.ToJsonString()).Should().Equal(before.Select(i => i.ToJsonString()));
    }

    [Fact]
    public async Task Audit_WhatWasDeniedJustBeforeAStop_IsKept()
    {
        await TryAsync();
        await server.StopAsync();
        await server.StartAsync();
        stage = stage.At(server.Address);

        await UntilAsync("topic=conversation:other", 2);
    }

    [Fact]
    public async Task Audit_ByWhoIsNoAdmin_IsForbidden() =>
        (await stage.Olga.Api.GetAsync("/api/v1/audit")).Problem(403, "forbidden");

    private async Task TryAsync()
    {
        var message = new JsonObject { ["text"] = "Hidden" };
        (await stage.Mia.Api.PostAsync("/api/v1/conversations/other/messages", message)).Problem(404, "not_found");
        await using var hub = await stage.Mia.ConnectAsync(HubPaths.Operator);
        await hub.CallAsync("SendMessage", Json.Object("""{ "conversationId": "other", "text": "Hidden" }"""));
    }

    // Kept within a second or so, and nobody signals it: who reads the records asks again, too.
    private async Task<List<JsonObject>> UntilAsync(string query, int count)
    {
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (true)
        {
            var items = (await stage.Ada.Api.GetAsync($"/api/v1/audit?{query}")).Ok()["items"]!.AsArray();
            if (items.Count == count)
            {
                return [.. items.Select(i => i!.AsObject())];
            }

            items.Count.Should().BeLessThan(count);
            deadline.Token.ThrowIfCancellationRequested();
        }
    }
}
