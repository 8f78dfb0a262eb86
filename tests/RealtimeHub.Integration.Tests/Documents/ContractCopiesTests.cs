using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Server.Documents;

namespace RealtimeHub.Integration.Tests.Documents;

/// <summary>docs/contract holds what the server serves, so that a change of the contract shows in a diff.</summary>
public sealed class ContractCopiesTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Update = "./build.sh contract writes what is served into docs/contract: look at the difference, and commit it if it is meant";

    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "contract");

    /// <summary>With REALTIMEHUB_WRITE_CONTRACT=1 it writes the copies instead, and finds them right.</summary>
    [Fact]
    public async Task Copies_InTheRepository_EqualWhatIsServed()
    {
        var served = (await server.Services.GetRequiredService<ContractDocuments>().All).ToDictionary(
            d => FileOf(d.Key), d => System.Text.Encoding.UTF8.GetString(d.Value.Json.Span), StringComparer.Ordinal);
        if (Environment.GetEnvironmentVariable("REALTIMEHUB_WRITE_CONTRACT") == "1")
        {
            Write(served);
        }

        Directory.Exists(Folder).Should().BeTrue(Update);
        Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Folder, f).Replace('\\', '/'))
            .Should().BeEquivalentTo(served.Keys, Update);
        foreach (var (file, text) in served)
        {
            var copy = (await File.ReadAllTextAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken)).ReplaceLineEndings("\n");
            (copy == text).Should().BeTrue("docs/contract/{0} differs from what is served, first at {1}: {2}", file, FirstDifference(copy, text), Update);
        }
    }

    [Fact]
    public async Task Documents_OfAnotherServer_AreTheSame()
    {
        await using var other = new ServerFixture { Configure = host => host.UseSetting("Node:Name", "another") };
        await other.InitializeAsync();

        var first = await server.Services.GetRequiredService<ContractDocuments>().All;
        var second = await other.Services.GetRequiredService<ContractDocuments>().All;

        second.Select(d => (d.Key, d.Value.ETag)).Should().BeEquivalentTo(first.Select(d => (d.Key, d.Value.ETag)));
    }

    private static string FileOf(string path) => path switch
    {
        ContractDocuments.OpenApi => "openapi.json",
        ContractDocuments.AsyncApi => "asyncapi.json",
        _ => $"schemas/{path.Split('/')[^1]}",
    };

    private static string FirstDifference(string copy, string served)
    {
        var (left, right) = (copy.Split('\n'), served.Split('\n'));
        var line = left.Zip(right).TakeWhile(p => p.First == p.Second).Count();
        return $"line {line + 1}, '{left.ElementAtOrDefault(line)?.Trim()}' instead of '{right.ElementAtOrDefault(line)?.Trim()}'";
    }

    private static void Write(Dictionary<string, string> served)
    {
        if (Directory.Exists(Folder))
        {
            foreach (var old in Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories))
            {
                File.Delete(old);
            }
        }

        foreach (var (file, text) in served)
        {
            var path = Path.Combine(Folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }
}
