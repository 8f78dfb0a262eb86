using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>Presence, and what may be wrong with it.</summary>
internal static class PresenceCases
{
    public static IReadOnlyList<ParityCases> All { get; } =
    [
        new ParityCases(typeof(SetPresence), "mia", """{ "topic": "conversation:talk", "state": "active" }""")
            .Invalid("topic", "\"talk\"", "\"room:talk\"", "\"conversation:a b\"", "5")
            .Invalid("state", null, "null", "\"asleep\"", "\"Active\"", "0")
            .Where("topic", null, "ok")
            .Where("topic", "null", "ok")
            .Where("state", "\"typing\"", "ok")
            .Where("state", "\"away\"", "ok")
            .Where("state", "\"offline\"", "ok")
            .Where("topic", "\"conversation:other\"", "not_found")
            .Where("topic", "\"tenant:acme\"", "forbidden")
            .Where("topic", "\"agent:writer\"", "ok")
            .By("otto", "ok").By("sam", "not_found").By("mia-conversations.read", "forbidden").By("mia@elsewhere", "not_found"),

        new ParityCases(typeof(ListPresence), "mia", """{ "topic": "conversation:talk", "limit": 10 }""",
                async w => (await (await w.ApiAsync("olga")).PutAsync(
                    "/api/v1/presence", Server.Json.Object("""{ "topic": "conversation:talk", "state": "away" }"""))).Ok(),
                expect: v =>
                {
                    var item = v["items"]!.AsArray().Single()!;
                    ((string?)item["subject"]!["id"]).Should().Be("olga");
                    ((string?)item["state"]).Should().Be("away");
                    v["next"].Should().BeNull();
                })
            .Invalid("topic", "\"talk\"", "\"conversation:a b\"")
            .Invalid("limit", "0", "201", "\"ten\"")
            .Invalid("after", "\"here\"")
            .Invalid("label", "\"team\"")
            .Where("topic", null, "ok")
            .Where("topic", "\"conversation:other\"", "not_found")
            .By("otto", "ok").By("sam", "not_found").By("mia-conversations.read", "forbidden").By("mia@elsewhere", "not_found"),
    ];
}
