using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>Any JSON, some levels deep.</summary>
internal static class JsonTrees
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Elements("", "a", "Grüße", "世界", "🎉", "\"\\/\b\f\n\r\t", "\u0000\u001f\u007f", "$", "a.b", "<>&'+"),
        ArbMap.Default.ArbFor<NonNull<string>>().Generator.Select(s => new string([.. s.Get.Where(c => !char.IsSurrogate(c))])));

    private static readonly Gen<JsonNode?> Leaf = Gen.OneOf(
        Gen.Constant<JsonNode?>(null),
        Gen.Elements(true, false).Select(b => (JsonNode?)JsonValue.Create(b)),
        Text.Select(s => (JsonNode?)JsonValue.Create(s)),
        Gen.Elements(
            0L, -1, 127, 128, 255, 256, -32, -33, -128, -129, 32767, 65536, int.MaxValue, int.MinValue, 1L << 32, (1L << 53) - 1, long.MaxValue, long.MinValue)
            .Select(n => (JsonNode?)JsonValue.Create(n)),
        ArbMap.Default.ArbFor<int>().Generator.Select(n => (JsonNode?)JsonValue.Create(n)),
        ArbMap.Default.ArbFor<NormalFloat>().Generator.Select(n => (JsonNode?)JsonValue.Create(n.Get)));

    public static Arbitrary<JsonNode> Arbitrary() =>
        Gen.Sized(size => Tree(Math.Min(size, 5))).Select(node => (JsonNode)new JsonArray(node)).ToArbitrary();

    private static Gen<JsonNode?> Tree(int levels) => levels == 0
        ? Leaf
        : Gen.OneOf(
            Leaf,
            Tree(levels - 1).ListOf(3).Select(items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())])),
            Text.Zip(Tree(levels - 1)).ListOf(3).Select(members => (JsonNode?)new JsonObject(
                members.DistinctBy(m => m.Item1).Select(m => KeyValuePair.Create(m.Item1, m.Item2?.DeepClone())))));
}
