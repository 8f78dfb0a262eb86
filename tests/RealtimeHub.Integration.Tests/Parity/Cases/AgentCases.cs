using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>The commands of agents, and what may be wrong with them.</summary>
internal static class AgentCases
{
    public static IReadOnlyList<ParityCases> All { get; } =
    [
        new ParityCases(typeof(RegisterAgent), "ada", """
                { "agentId": "fresh", "name": "Fresh", "description": "Finds out", "capabilities": ["search"],
                  "grants": [{ "subject": { "kind": "role", "id": "*" }, "permission": "operate" }] }
                """)
            .Invalid("agentId", null, "\"a b\"")
            .Invalid("name", null, "null", "\"\"", "\" \"", ParityCases.Text(201))
            .Invalid("description", ParityCases.Text(2001), "5")
            .Invalid("capabilities", ParityCases.List(65, i => $"\"c{i}\""), "[null]")
            .Invalid("capabilities[0]", "\"\"", ParityCases.Text(129))
            .Invalid("grants", "[null]", "{}")
            .Invalid("grants[0].subject", null, "null")
            .Invalid("grants[0].subject.kind", null, "\"system\"", "\"robot\"")
            .Invalid("grants[0].subject.id", null, "\"a b\"")
            .Invalid("grants[0].permission", null, "\"rule\"", "1")
            .Where("agentId", "\"writer\"", "ok")
            .Where("description", null, "ok")
            .By("olga", "forbidden"),

        new ParityCases(typeof(UpdateAgent), "ada", """
                { "agentId": "writer", "name": "Poet", "description": "Writes", "capabilities": ["verse"],
                  "grants": [{ "subject": { "kind": "role", "id": "*" }, "permission": "view" }] }
                """)
            .Invalid("agentId", null, "\"a b\"")
            .Invalid("name", "\"\"", "\" \"", ParityCases.Text(201), "5")
            .Invalid("description", ParityCases.Text(2001), "5")
            .Invalid("capabilities", ParityCases.List(65, i => $"\"c{i}\""), "[null]")
            .Invalid("capabilities[0]", "\"\"", ParityCases.Text(129))
            .Invalid("grants", "[null]", "{}")
            .Invalid("grants[0].subject", null, "null")
            .Invalid("grants[0].subject.kind", null, "\"system\"", "\"robot\"")
            .Invalid("grants[0].subject.id", null, "\"a b\"")
            .Invalid("grants[0].permission", null, "\"rule\"", "1")
            .Where("name", null, "ok")
            .Where("description", "\"\"", "ok")
            .Where("grants", "[]", "ok")
            .Where("agentId", "\"other\"", "not_found")
            .By("olga", "forbidden").By("sam", "forbidden"),

        new ParityCases(typeof(GrantAccess), "ada", """
                { "topic": "agent:writer", "subject": { "kind": "user", "id": "sam" }, "permission": "operate" }
                """)
            .Invalid("topic", null, "\"writer\"", "\"conversation:talk\"", "\"user:sam\"", "5")
            .Invalid("subject", null, "null", "[]")
            .Invalid("subject.kind", null, "\"system\"", "\"robot\"")
            .Invalid("subject.id", null, "\"a b\"", "\"*\"")
            .Invalid("permission", null, "\"rule\"", "1")
            .Where("subject", """{ "kind": "role", "id": "*" }""", "ok")
            .Where("subject", """{ "kind": "user", "id": "mia" }""", "ok")
            .Where("topic", "\"agent:other\"", "not_found")
            .Where("topic", "\"process:other\"", "not_found")
            .By("olga", "forbidden").By("otto", "forbidden").By("sam", "not_found").By("wren", "forbidden").By("olga@elsewhere", "not_found"),

        new ParityCases(typeof(RevokeAccess), "ada", """
                { "topic": "agent:writer", "subject": { "kind": "user", "id": "mia" }, "permission": "operate" }
                """)
            .Invalid("topic", null, "\"writer\"", "\"conversation:talk\"", "\"user:sam\"", "5")
            .Invalid("subject", null, "null", "[]")
            .Invalid("subject.kind", null, "\"system\"", "\"robot\"")
            .Invalid("subject.id", null, "\"a b\"", "\"*\"")
            .Invalid("permission", null, "\"rule\"", "1")
            .Where("permission", "\"own\"", "ok")
            .Where("subject", """{ "kind": "user", "id": "otto" }""", "ok")
            .Where("topic", "\"agent:other\"", "not_found")
            .Where("topic", "\"process:other\"", "not_found")
            .By("olga", "forbidden").By("otto", "forbidden").By("sam", "not_found").By("wren", "forbidden").By("olga@elsewhere", "not_found"),
    ];
}
