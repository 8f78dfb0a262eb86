using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>What is asked of a node, and what may be wrong with it.</summary>
internal static class NodeCases
{
    public static IReadOnlyList<ParityCases> All { get; } =
    [
        new ParityCases(typeof(GetAudit), "ada", """{ "topic": "conversation:talk", "actor": "user:olga", "limit": 10 }""",
                expect: v => v["items"].Should().NotBeNull())
            .Invalid("topic", "\"talk\"", "\"conversation:a b\"", "\"\"")
            .Invalid("actor", "\"olga\"", "\"robot:olga\"", "\"user:a b\"", "\"role:x\"", "\"\"")
            .Invalid("after", "\"here\"")
            .Invalid("limit", "0", "201", "\"ten\"", "99999999999")
            .Invalid("colour", "\"red\"")
            .Where("topic", "\"conversation:other\"", "ok")
            .Where("topic", null, "ok")
            .Where("actor", null, "ok")
            .By("olga", "forbidden").By("sam", "forbidden"),

        new ParityCases(typeof(GetStatus), "sam", "{}",
                expect: v =>
                {
                    ((string?)v["log"]).Should().Be("ok");
                    v["details"].Should().BeNull();
                })
            .Invalid("colour", "\"red\"")
            .By("otto", "ok").By("wren", "ok"),
    ];
}
