using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>Publishing, and what may be wrong with them.</summary>
internal static class PublishingCases
{
    public static IReadOnlyList<ParityCases> All { get; } =
    [
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
    ];
}
