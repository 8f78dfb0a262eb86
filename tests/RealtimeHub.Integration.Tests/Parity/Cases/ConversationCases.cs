using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>The commands of conversations, and what may be wrong with them.</summary>
internal static class ConversationCases
{
    public static IReadOnlyList<ParityCases> All { get; } =
    [
        new ParityCases(typeof(CreateConversation), "olga", """
                { "id": "new", "title": "New", "labels": { "a": "1", "b": "" },
                  "participants": [{ "kind": "user", "id": "mia", "role": "observer", "displayName": "Mia" }, { "kind": "role", "id": "*" }] }
                """)
            .Invalid("id", "\"\"", "\"a b\"", ParityCases.Text(65), "5")
            .Invalid("title", null, "null", "\"\"", "\" \"", ParityCases.Text(201), "5", "[]")
            .Invalid("labels", $$"""{ "k": {{ParityCases.Text(257)}} }""", "{ \"\": \"x\" }", "{ \"a\": null }", "[]")
            .Invalid("labels.a", "1", "{}")
            .Invalid("participants", "[null]", ParityCases.List(101, i => $$"""{ "kind": "user", "id": "u{{i}}" }"""), "{}",
                """[{ "kind": "user", "id": "x" }, { "kind": "user", "id": "x" }]""")
            .Invalid("participants[0].kind", "\"system\"", "\"robot\"", "0", "null", null)
            .Invalid("participants[0].id", null, "\"a b\"", "null")
            .Invalid("participants[0].role", "\"king\"", "1")
            .Invalid("participants[0].displayName", ParityCases.Text(201))
            .Invalid("participants[0].colour", "\"red\"")
            .Where("id", "\"talk\"", "conflict")
            .Where("id", "\"talk\"", "conflict", person: "sam")
            .Where("id", null, "ok")
            .Where("participants", null, "ok")
            .Where("participants", """[{ "kind": "user", "id": "olga", "role": "observer" }]""", "ok")
            .By("sam", "ok"),

        new ParityCases(typeof(UpdateConversation), "mia", """{ "conversationId": "talk", "title": "Refund", "labels": { "case": "17" } }""")
            .Invalid("conversationId", null, "\"a b\"", "5")
            .Invalid("title", "\"\"", "\" \"", ParityCases.Text(201), "5")
            .Invalid("labels", $$"""{ "k": {{ParityCases.Text(257)}} }""", "{ \"\": \"x\" }", "{ \"a\": null }", "[]")
            .Where("title", null, "ok")
            .Where("labels", null, "ok")
            .Where("labels", "{}", "ok")
            .Where("conversationId", "\"other\"", "not_found")
            .When("it is called so already", async w => (await (await w.ApiAsync("olga")).SendAsync(
                HttpMethod.Patch, "/api/v1/conversations/talk", Json.Object("""{ "title": "Refund", "labels": { "case": "17" } }"""))).Ok(), "ok")
            .When("it is archived", w => w.ArchiveAsync(), "conflict")
            .By("olga", "ok").By("otto", "forbidden").By("sam", "not_found").By("mia@elsewhere", "not_found").By("ada", "ok"),

        new ParityCases(typeof(ArchiveConversation), "olga", """{ "conversationId": "talk" }""")
            .Invalid("conversationId", null, "\"a b\"", "5")
            .Where("conversationId", "\"other\"", "not_found")
            .When("it is archived", w => w.ArchiveAsync(), "ok")
            .When("a run is open", w => w.StartRunAsync(), "ok")
            .By("mia", "forbidden").By("otto", "forbidden").By("sam", "not_found").By("olga@elsewhere", "not_found").By("ada", "ok"),

        new ParityCases(typeof(AddParticipant), "olga", """
                { "conversationId": "talk", "participant": { "kind": "user", "id": "sam", "role": "observer", "displayName": "Sam" } }
                """)
            .Invalid("conversationId", null, "\"a b\"", "5")
            .Invalid("participant", null, "null", "[]")
            .Invalid("participant.kind", null, "\"system\"", "\"robot\"")
            .Invalid("participant.id", null, "\"a b\"")
            .Invalid("participant.role", "\"king\"")
            .Invalid("participant.displayName", ParityCases.Text(201), "5")
            .Invalid("participant.colour", "\"red\"")
            .Where("participant", """{ "kind": "user", "id": "mia" }""", "ok")
            .Where("participant", """{ "kind": "user", "id": "mia", "role": "owner" }""", "ok")
            .Where("participant", """{ "kind": "user", "id": "olga", "role": "member" }""", "conflict")
            .Where("conversationId", "\"other\"", "not_found")
            .When("it is archived", w => w.ArchiveAsync(), "conflict")
            .By("mia", "forbidden").By("otto", "forbidden").By("sam", "not_found").By("olga@elsewhere", "not_found").By("ada", "ok"),

        new ParityCases(typeof(RemoveParticipant), "olga", """
                { "conversationId": "talk", "participant": { "kind": "user", "id": "mia" } }
                """)
            .Invalid("conversationId", null, "\"a b\"")
            .Invalid("participant", null, "null")
            .Invalid("participant.kind", null, "\"robot\"")
            .Invalid("participant.id", null, "\"a b\"")
            .Invalid("participant.role", "\"king\"")
            .Invalid("participant.displayName", ParityCases.Text(201), "5")
            .Where("participant", """{ "kind": "user", "id": "nobody" }""", "ok")
            .Where("participant", """{ "kind": "user", "id": "olga" }""", "conflict")
            .Where("participant", """{ "kind": "user", "id": "otto" }""", "forbidden", person: "mia")
            .Where("participant", """{ "kind": "user", "id": "mia" }""", "ok", person: "mia")
            .Where("participant", """{ "kind": "user", "id": "sam" }""", "not_found", person: "sam")
            .When("it is archived", w => w.ArchiveAsync(), "ok")
            .By("otto", "forbidden").By("sam", "not_found").By("olga@elsewhere", "not_found"),

        new ParityCases(typeof(SendMessage), "mia", """
                { "conversationId": "talk", "text": "Grüße 👋", "artifactIds": ["a-1"], "replyTo": "m-1" }
                """)
            .Invalid("conversationId", null, "\"a b\"")
            .Invalid("text", null, "null", "\"\"", "5")
            .TooLarge("text", ParityCases.Text(32 * 1024 + 1))
            .TooLarge("text", ParityCases.Text(16 * 1024 + 1, 'ü'))
            .Invalid("artifactIds", ParityCases.List(33, i => $"\"a{i}\""), "[null]", "\"a\"")
            .Invalid("artifactIds[0]", "\"a b\"", "5")
            .Invalid("replyTo", "\"a b\"", "\"\"")
            .Where("text", ParityCases.Text(32 * 1024), "ok")
            .Where("artifactIds", "[]", "ok")
            .Where("conversationId", "\"other\"", "not_found")
            .When("it is archived", w => w.ArchiveAsync(), "conflict")
            .By("otto", "forbidden").By("sam", "not_found").By("mia@elsewhere", "not_found").By("ada", "ok"),
    ];
}
