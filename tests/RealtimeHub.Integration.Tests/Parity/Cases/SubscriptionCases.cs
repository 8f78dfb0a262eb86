using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>Subscriptions, and what may be wrong with them.</summary>
internal static class SubscriptionCases
{
    public static IReadOnlyList<ParityCases> All { get; } =
    [
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
            .Where("topics", "[]", "ok"),
    ];

    private static Action<JsonNode> HasStatus(string status) => v => ((string?)v["subscriptions"]![0]!["status"]).Should().Be(status);
}
