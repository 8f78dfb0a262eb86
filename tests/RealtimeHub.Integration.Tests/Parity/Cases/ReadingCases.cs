using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>History, snapshots and lists, and what may be wrong with them.</summary>
internal static class ReadingCases
{
    public static IReadOnlyList<ParityCases> All { get; } =
    [
        new ParityCases(typeof(GetHistory), "mia", """{ "topic": "conversation:talk", "limit": 10, "types": "message.*,conversation.created" }""",
                expect: v => v["events"]!.AsArray().Should().ContainSingle())
            .Invalid("topic", "\"talk\"", "\"conversation:a b\"")
            .Invalid("limit", "0", "1001", "\"ten\"", "99999999999")
            .Invalid("types", "\"nonsense\"", "\"message.*,\"", "\"*\"")
            .Invalid("after", "\"here\"")
            .Invalid("before", "\"here\"")
            .Where("before", "\"\"", "ok")
            .Where("topic", "\"conversation:other\"", "not_found")
            .Where("topic", "\"tenant:acme\"", "forbidden")
            .Where("topic", "\"device:phone\"", "not_found")
            .By("otto", "ok").By("sam", "not_found").By("mia-conversations.read", "forbidden").By("mia@elsewhere", "not_found").By("ada", "ok"),

        new ParityCases(typeof(GetSnapshot), "mia", """{ "topic": "conversation:talk" }""",
                expect: v => ((string?)v["state"]!["title"]).Should().Be("Talk"))
            .Invalid("topic", "\"talk\"", "\"conversation:a b\"")
            .Where("topic", "\"agent:writer\"", "ok", expect: v => ((string?)v["state"]!["name"]).Should().Be("Writer"))
            .Where("topic", "\"agent:other\"", "not_found")
            .Where("topic", "\"conversation:other\"", "not_found")
            .Where("topic", "\"user:mia\"", "ok")
            .Where("topic", "\"user:olga\"", "not_found")
            .By("otto", "ok").By("sam", "not_found").By("mia-conversations.read", "forbidden").By("mia@elsewhere", "not_found"),

        new ParityCases(typeof(ListConversations), "mia", """{ "limit": 10 }""")
            .Invalid("archived", "\"maybe\"")
            .Where("archived", "\"false\"", "ok")
            .Invalid("limit", "0", "201", "\"ten\"")
            .Invalid("after", "\"here\"")
            .Invalid("label", "\"\"", ParityCases.Text(322))
            .By("sam", "ok"),

        new ParityCases(typeof(ListAgents), "mia", """{ "limit": 10 }""")
            .Invalid("limit", "0", "201", "\"ten\"")
            .Invalid("after", "\"here\"")
            .Invalid("label", "\"\"", ParityCases.Text(322))
            .By("sam", "ok"),
    ];
}
