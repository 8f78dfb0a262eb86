using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Tests.Contracts;

/// <summary>The wire as files: what a record looks like in JSON is a promise, and a change of it must show in a diff.</summary>
public sealed class GoldenJsonTests
{
    public static TheoryData<string> Names => [.. Samples.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Serialize_Sample_EqualsTheGoldenFile(string name)
    {
        var (value, options) = Samples.All[name];

        var json = JsonSerializer.Serialize(value, options.GetTypeInfo(value.GetType()));

        Indent(json).Should().Be(File.ReadAllText(GoldenFile(name)).TrimEnd().ReplaceLineEndings("\n"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Deserialize_GoldenFile_GivesTheSameJsonAgain(string name)
    {
        var (value, options) = Samples.All[name];
        var type = options.GetTypeInfo(value.GetType());
        var golden = File.ReadAllText(GoldenFile(name));

        var again = JsonSerializer.Serialize(JsonSerializer.Deserialize(golden, type), type);

        JsonNode.DeepEquals(JsonNode.Parse(again), JsonNode.Parse(golden)).Should().BeTrue(because: again);
    }

    [Fact]
    public void GoldenFiles_AllOfThem_HaveASample() =>
        Directory.EnumerateFiles(Path.GetDirectoryName(GoldenFile("x"))!).Select(Path.GetFileNameWithoutExtension)
            .Should().BeEquivalentTo(Samples.All.Keys);

    [Fact]
    public void Samples_EventData_CoverEveryRegisteredType() =>
        EventTypes.Registered.Select(t => t.Data).Distinct()
            .Except(Samples.All.Values.Select(s => s.Value.GetType()))
            .Should().BeEmpty();

    private static string GoldenFile(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", "Contracts", $"{name}.json");

    internal static string Indent(string json)
    {
        var options = new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = ContractsJson.Wire.Encoder };
        return JsonNode.Parse(json)!.ToJsonString(options);
    }
}
