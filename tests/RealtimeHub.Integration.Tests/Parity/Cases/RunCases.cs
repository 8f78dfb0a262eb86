using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>The commands of runs, and what may be wrong with them.</summary>
internal static class RunCases
{
    public static IReadOnlyList<ParityCases> All { get; } =
    [
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
            .When("it is archived", w => w.ArchiveAsync(), "conflict")
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
            .When("the conversation was archived meanwhile", async w =>
            {
                await w.StartRunAsync();
                await w.ArchiveAsync();
            }, "ok")
            .By("mia", "ok").By("otto", "forbidden").By("sam", "not_found").By("olga@elsewhere", "not_found"),

        new ParityCases(typeof(SteerRun), "olga", """{ "topic": "conversation:talk", "runId": "$run", "instruction": "shorter" }""", w => w.StartRunAsync())
            .Invalid("topic", null, "\"talk\"")
            .Invalid("runId", null, "\"a b\"")
            .Invalid("instruction", null, "null", "\"\"", "5")
            .TooLarge("instruction", ParityCases.Text(32 * 1024 + 1))
            .Where("instruction", "\" \"", "ok")
            .Where("runId", "\"other\"", "not_found")
            .When("it has ended", w => w.EndRunAsync(), "conflict")
            .When("the conversation was archived meanwhile", async w =>
            {
                await w.StartRunAsync();
                await w.ArchiveAsync();
            }, "ok")
            .By("mia", "ok").By("otto", "forbidden").By("sam", "not_found").By("olga@elsewhere", "not_found"),

        new ParityCases(typeof(ListRuns), "olga", """{ "limit": 10, "status": "running,waiting", "agentId": "writer" }""")
            .Invalid("limit", "0", "201", "\"ten\"")
            .Invalid("after", "\"here\"")
            .Invalid("status", "\"asleep\"", "\"running,\"")
            .Invalid("agentId", "\"a b\"")
            .Invalid("label", "\"\"", ParityCases.Text(322))
            .Invalid("colour", "\"red\"")
            .By("sam", "ok").By("olga-agents.read", "forbidden").By("olga@elsewhere", "ok"),

        new ParityCases(typeof(GetRun), "olga", """{ "runId": "$run" }""", w => w.StartRunAsync(),
                expect: v => ((string?)v["topic"]).Should().Be("conversation:talk"))
            .Invalid("runId", "\"a b\"")
            .Invalid("colour", "\"red\"")
            .Where("runId", "\"other\"", "not_found")
            .By("otto", "ok").By("sam", "not_found").By("olga-agents.read", "forbidden").By("olga@elsewhere", "not_found"),
    ];
}
