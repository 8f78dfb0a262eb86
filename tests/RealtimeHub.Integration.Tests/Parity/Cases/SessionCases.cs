using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>The commands of sessions, and what may be wrong with them.</summary>
internal static class SessionCases
{
    public static IReadOnlyList<ParityCases> All { get; } =
    [
        new ParityCases(typeof(RevokeSessions), "ada", """{ "subject": { "kind": "user", "id": "mia" } }""")
            .Invalid("subject", null, "null", "[]")
            .Invalid("subject.kind", null, "\"agent\"", "\"role\"", "\"system\"", "\"robot\"")
            .Invalid("subject.id", null, "\"a b\"", "\"*\"")
            .Where("subject", """{ "kind": "user", "id": "nobody" }""", "ok")
            .Where("subject", """{ "kind": "device", "id": "phone" }""", "ok")
            .By("mia", "ok").By("olga", "forbidden").By("sam", "forbidden").By("mia@elsewhere", "ok"),
    ];
}
