using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.Client.Tests.DemoAgent;

public sealed class DocumentTests
{
    [Theory]
    [InlineData("events", "event")]
    [InlineData("cancelled", "cancel")]
    [InlineData("cancels", "cancel")]
    [InlineData("running", "run")]
    [InlineData("policies", "policy")]
    [InlineData("resumes", "resume")]
    [InlineData("streaming", "stream")]
    [InlineData("roles", "role")]
    public void Stem_Variants_Meet(string one, string other) => Terms.Stem(one).Should().Be(Terms.Stem(other));

    [Theory]
    [InlineData("process")]
    [InlineData("status")]
    [InlineData("run")]
    public void Stem_WordsThatOnlyLookInflected_Stay(string word) => Terms.Stem(word).Should().Be(word);

    [Fact]
    public void Words_OfIdentifiers_AreWholeAndInParts() =>
        Terms.Words("RunPublisher's run_id").Should().Equal("runpublisher", "run", "publisher", "s", "run", "id");

    [Fact]
    public void Split_SmallDocument_FindsItsPassagesAndTheirLines()
    {
        var passages = PassageSplitter.Split(Library.Small[1]).ToList();

        passages.Select(p => (p.FirstLine, p.LastLine, p.Kind)).Should().Equal(
            (3, 3, PassageKind.ListItem),
            (4, 5, PassageKind.ListItem),
            (9, 9, PassageKind.TableRow),
            (10, 10, PassageKind.TableRow),
            (13, 15, PassageKind.Code));
        passages.Should().OnlyContain(p => p.Heading == "Parcels");
    }

    [Fact]
    public void Split_NestedHeadings_AreKept() =>
        PassageSplitter.Split(Library.Small[0]).Last().Heading.Should().Be("Post office › Opening hours");

    [Fact]
    public void Split_RealDocuments_LosesNoLineAndTakesNoneTwice()
    {
        foreach (var document in Library.Repository.Concat(Library.Small))
        {
            var lines = PassageSplitter.Split(document).SelectMany(p => Enumerable.Range(p.FirstLine, p.LastLine - p.FirstLine + 1)).ToList();

            lines.Should().OnlyHaveUniqueItems();
            var left = Enumerable.Range(1, document.Lines.Count).Except(lines).Select(n => document.Lines[n - 1].Trim());
            left.Should().OnlyContain(line => line.Length == 0 || line.StartsWith('|') || line.StartsWith('#') || line.StartsWith("```") || line.Trim('|', '-', ':', ' ').Length == 0);
        }
    }

    [Fact]
    public void Read_Folder_TakesTextFilesAndLeavesBuildOutput()
    {
        var root = Directory.CreateTempSubdirectory("docs-");
        try
        {
            foreach (var file in new[] { "a.md", "sub/b.txt", "bin/c.md", ".hidden/d.md", "e.dll" })
            {
                var path = Path.Combine(root.FullName, file);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, "one\ntwo");
            }

            var documents = DocumentFolder.Open(root.FullName, "/").Read();

            documents.Select(d => d.Path).Should().Equal("a.md", "sub/b.txt");
            documents[0].Lines.Should().Equal("one", "two");
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
