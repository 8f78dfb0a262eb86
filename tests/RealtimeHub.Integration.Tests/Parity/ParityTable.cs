using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>Every request type, and what may be wrong with it.</summary>
internal static class ParityTable
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
            .Invalid("idempotencyKey", "\"\"", ParityCases.Text(129), "5")
            .Invalid("colour", "\"red\"")
            .Where("id", "\"talk\"", "conflict")
            .Where("id", "\"talk\"", "conflict", person: "sam")
            .Where("id", null, "ok")
            .Where("participants", null, "ok")
            .Where("participants", """[{ "kind": "user", "id": "olga", "role": "observer" }]""", "ok")
            .By("sam", "ok"),

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
            .By("mia", "forbidden").By("otto", "forbidden").By("sam", "not_found").By("olga@elsewhere", "not_found").By("ada", "ok"),

        new ParityCases(typeof(RemoveParticipant), "olga", """
                { "conversationId": "talk", "participant": { "kind": "user", "id": "mia" } }
                """)
            .Invalid("conversationId", null, "\"a b\"")
            .Invalid("participant", null, "null")
            .Invalid("participant.kind", null, "\"robot\"")
            .Invalid("participant.id", null, "\"a b\"")
            .Where("participant", """{ "kind": "user", "id": "nobody" }""", "ok")
            .Where("participant", """{ "kind": "user", "id": "olga" }""", "conflict")
            .Where("participant", """{ "kind": "user", "id": "otto" }""", "forbidden", person: "mia")
            .Where("participant", """{ "kind": "user", "id": "mia" }""", "ok", person: "mia")
            .Where("participant", """{ "kind": "user", "id": "sam" }""", "not_found", person: "sam")
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
            .By("otto", "forbidden").By("sam", "not_found").By("mia@elsewhere", "not_found").By("ada", "ok"),

        new ParityCases(typeof(StartRun), "olga", """
                { "agentId": "writer", "conversationId": "talk", "input": { "text": "Go", "n": [1, 2.5, null, true] }, "timeoutSeconds": 60 }
                """)
            .Invalid("agentId", null, "\"a b\"", "null")
            .Invalid("conversationId", "\"a b\"")
            .Invalid("processId", "\"a b\"")
            .Invalid("stepId", "\"s\"")
            .Invalid("input", null, "null")
            .TooLarge("input", ParityCases.Text(32 * 1024))
            .Invalid("timeoutSeconds", "0", "604801", "\"60\"", "1.5")
            .Where("conversationId", null, "ok")
            .Where("conversationId", "\"other\"", "not_found")
            .Where("agentId", "\"other\"", "not_found")
            .Where("processId", "\"other\"", "not_found")
            .Where("input", "[]", "ok")
            .Where("input", "\"text\"", "ok")
            .By("mia", "ok").By("otto", "forbidden").By("sam", "not_found").By("olga@elsewhere", "not_found"),

        new ParityCases(typeof(CancelRun), "olga", """{ "topic": "conversation:talk", "runId": "$run", "reason": "enough" }""", w => w.StartRunAsync())
            .Invalid("topic", null, "\"talk\"", "\"room:talk\"", "\"conversation:\"", "\"conversation:a b\"")
            .Invalid("runId", null, "\"a b\"")
            .Invalid("reason", ParityCases.Text(1001), "5")
            .Where("reason", null, "ok")
            .Where("runId", "\"other\"", "not_found")
            .Where("topic", "\"conversation:other\"", "not_found")
            .Where("topic", "\"process:other\"", "not_found")
            .When("it has not started", w => w.RequestRunAsync(), "ok")
            .When("it was asked for already", async w =>
            {
                await w.StartRunAsync();
                (await (await w.ApiAsync("olga")).PostAsync($"/api/v1/topics/conversation:talk/runs/{w.Run}/cancel")).Ok();
            }, "ok")
            .When("it is cancelled", async w =>
            {
                await w.RequestRunAsync();
                (await (await w.ApiAsync("olga")).PostAsync($"/api/v1/topics/conversation:talk/runs/{w.Run}/cancel")).Ok();
            }, "ok")
            .When("it has ended", w => w.EndRunAsync(), "conflict")
            .By("mia", "ok").By("otto", "forbidden").By("sam", "not_found").By("olga@elsewhere", "not_found"),

        new ParityCases(typeof(SteerRun), "olga", """{ "topic": "conversation:talk", "runId": "$run", "instruction": "shorter" }""", w => w.StartRunAsync())
            .Invalid("topic", null, "\"talk\"")
            .Invalid("runId", null, "\"a b\"")
            .Invalid("instruction", null, "null", "\"\"", "5")
            .TooLarge("instruction", ParityCases.Text(32 * 1024 + 1))
            .Where("instruction", "\" \"", "ok")
            .Where("runId", "\"other\"", "not_found")
            .When("it has ended", w => w.EndRunAsync(), "conflict")
            .By("mia", "ok").By("otto", "forbidden").By("sam", "not_found").By("olga@elsewhere", "not_found"),

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

        new ParityCases(typeof(PublishEvents), "wren", """
                { "topic": "conversation:talk", "agentId": "writer",
                  "events": [{ "type": "message.started", "runId": "$run", "data": { "messageId": "m-1", "role": "assistant", "mood": "good" } }] }
                """, w => w.StartRunAsync())
            .Invalid("topic", null, "\"talk\"")
            .Invalid("agentId", "\"a b\"")
            .InvalidNaming("events", "events", "[null, null]")
            .Invalid("events", null, "null", "[]", "{}",
                ParityCases.List(501, _ => """{ "type": "custom.a", "data": {} }"""),
                """[{ "id": "e", "type": "custom.a", "data": {} }, { "id": "e", "type": "custom.a", "data": {} }]""")
            .Invalid("events[0].type", null, "null", "\"message.eaten\"", "\"custom.\"", "\"process.started\"", "5")
            .Invalid("events[0].id", "\"a b\"")
            .Invalid("events[0].runId", "\"a b\"")
            .Invalid("events[0].time", "\"2020-01-01T00:00:00Z\"", "\"yesterday\"", "5")
            .Invalid("events[0].traceparent", "\"00-x\"")
            .Invalid("events[0].data", null, "[]", "\"x\"")
            .Invalid("events[0].data.messageId", null, "5", "\"a b\"")
            .Invalid("events[0].data.role", "\"king\"")
            .Invalid("events[0].colour", "\"red\"")
            .Where("agentId", null, "ok")
            .Where("agentId", "\"other\"", "forbidden")
            .Where("topic", "\"conversation:other\"", "not_found")
            .Where("events[0].data.role", "\"user\"", "forbidden")
            .Where("events[0].runId", null, "invalid_request")
            .Where("events[0].runId", "\"other\"", "invalid_request")
            .Where("events[0]", """{ "type": "run.requested", "runId": "$run", "data": { "runId": "$run", "agentId": "writer", "input": {}, "deadline": "2030-01-01T00:00:00Z" } }""", "forbidden")
            .Where("events[0]", """{ "type": "message.delta", "runId": "$run", "data": { "messageId": "m-9", "text": "x" } }""", "not_found")
            .Where("events[0]", """{ "type": "custom.note", "runId": "$run", "data": { "any": [1] } }""", "ok")
            .Where("events[0]", """{ "type": "run.completed", "data": { "runId": "$run", "output": { "text": "Done" } } }""", "ok")
            .When("the run has ended", w => w.EndRunAsync(), "conflict")
            .When("the message is there", async w =>
            {
                await w.StartRunAsync();
                await w.PublishAsync("message.started", """{ "messageId": "m-1", "role": "assistant" }""");
            }, "conflict")
            .By("sam", "forbidden").By("olga", "forbidden").By("wren@elsewhere", "not_found"),

        new ParityCases(typeof(GetHistory), "mia", """{ "topic": "conversation:talk", "limit": 10, "types": "message.*,conversation.created" }""",
                expect: v => v["events"]!.AsArray().Should().ContainSingle())
            .Invalid("topic", "\"talk\"", "\"conversation:a b\"")
            .Invalid("limit", "0", "1001", "\"ten\"", "99999999999")
            .Invalid("types", "\"nonsense\"", "\"message.*,\"", "\"*\"")
            .Invalid("after", "\"here\"")
            .Invalid("before", "\"here\"")
            .Invalid("colour", "\"red\"")
            .Where("before", "\"\"", "ok")
            .Where("topic", "\"conversation:other\"", "not_found")
            .Where("topic", "\"tenant:acme\"", "forbidden")
            .Where("topic", "\"device:phone\"", "not_found")
            .By("otto", "ok").By("sam", "not_found").By("mia-conversations.read", "forbidden").By("mia@elsewhere", "not_found").By("ada", "ok"),

        new ParityCases(typeof(GetSnapshot), "mia", """{ "topic": "conversation:talk" }""",
                expect: v => ((string?)v["state"]!["title"]).Should().Be("Talk"))
            .Invalid("topic", "\"talk\"", "\"conversation:a b\"")
            .Invalid("colour", "\"red\"")
            .Where("topic", "\"agent:writer\"", "ok", expect: v => ((string?)v["state"]!["name"]).Should().Be("Writer"))
            .Where("topic", "\"agent:other\"", "not_found")
            .Where("topic", "\"conversation:other\"", "not_found")
            .Where("topic", "\"user:mia\"", "ok")
            .Where("topic", "\"user:olga\"", "not_found")
            .By("otto", "ok").By("sam", "not_found").By("mia-conversations.read", "forbidden").By("mia@elsewhere", "not_found"),

        new ParityCases(typeof(ListConversations), "mia", """{ "limit": 10 }""")
            .Invalid("limit", "0", "201", "\"ten\"")
            .Invalid("after", "\"here\"")
            .Invalid("colour", "\"red\"")
            .By("sam", "ok"),

        new ParityCases(typeof(ListAgents), "mia", """{ "limit": 10 }""")
            .Invalid("limit", "0", "201", "\"ten\"")
            .Invalid("after", "\"here\"")
            .Invalid("colour", "\"red\"")
            .By("sam", "ok"),

        new ParityCases(typeof(Subscribe), "mia", """{ "subscriptions": [{ "topic": "conversation:talk", "from": "earliest", "ref": "r" }] }""",
                expect: HasStatus("ok"))
            .Invalid("subscriptions", null, "null", "[]", "[null]", "{}")
            .Invalid("subscriptions[0].topic", null, "null", "\"talk\"", "5")
            .Invalid("subscriptions[0].from", null, "null", "\"yesterday\"", "0")
            .Invalid("subscriptions[0].ref", ParityCases.Text(33), "5")
            .Invalid("subscriptions[0].cursor", "\"here\"")
            .Invalid("subscriptions[0].colour", "\"red\"")
            .InvalidNaming("subscriptions[0].cursor", "subscriptions[0]", """{ "topic": "conversation:talk", "from": "cursor" }""")
            .InvalidNaming("subscriptions[0].cursor", "subscriptions[0]", """{ "topic": "conversation:talk", "from": "cursor", "cursor": "x" }""")
            .Where("subscriptions[0].from", "\"latest\"", "ok", expect: HasStatus("ok"))
            .Where("subscriptions[0].from", "\"snapshot\"", "ok", expect: HasStatus("ok"))
            .Where("subscriptions[0].topic", "\"conversation:other\"", "ok", expect: HasStatus("not_found"))
            .Where("subscriptions[0].topic", "\"tenant:acme\"", "ok", expect: HasStatus("forbidden"))
            .Where("subscriptions[0].topic", "\"conversation:talk\"", "ok", "sam", HasStatus("not_found"))
            .Where("subscriptions[0].topic", "\"conversation:talk\"", "ok", "mia-conversations.read", HasStatus("forbidden"))
            .Where("subscriptions[0].topic", "\"conversation:talk\"", "ok", "mia@elsewhere", HasStatus("not_found")),

        new ParityCases(typeof(Unsubscribe), "mia", """{ "topics": ["conversation:talk"] }""")
            .Invalid("topics", null, "null", "\"conversation:talk\"", "{}")
            .Invalid("topics[0]", "\"talk\"", "5", "null")
            .Invalid("colour", "\"red\"")
            .Where("topics", "[]", "ok"),
    ];

    private static Action<JsonNode> HasStatus(string status) => v => ((string?)v["subscriptions"]![0]!["status"]).Should().Be(status);
}
