namespace RealtimeHub.DemoAgent.Documents;

/// <summary>Reads a folder of text files; without one, the documentation of the repository that the program stands in.</summary>
internal sealed class DocumentFolder
{
    // More is not a folder of documents, and reading it would hold up every run.
    private const int MaxFiles = 2_000;
    private const long MaxFileBytes = 1024 * 1024;

    private static readonly string[] Extensions = [".md", ".markdown", ".txt", ".rst", ".adoc"];
    private static readonly string[] Skipped = ["bin", "obj", "node_modules", "artifacts", "dist", "TestResults"];
    private static readonly string[] RepositoryFiles = ["README.md", "CHANGELOG.md"];

    private readonly bool isRepository;

    private DocumentFolder(string root, bool isRepository)
    {
        Root = root;
        this.isRepository = isRepository;
    }

    public string Root { get; }

    /// <summary>The folder that was asked for, or the repository above <paramref name="startingAt"/>.</summary>
    public static DocumentFolder Open(string? folder, string startingAt)
    {
        if (!string.IsNullOrWhiteSpace(folder))
        {
            return new DocumentFolder(Path.GetFullPath(folder), isRepository: false);
        }

        for (var at = new DirectoryInfo(startingAt); at is not null; at = at.Parent)
        {
            if (at.EnumerateFiles("*.sln").Any() || Path.Exists(Path.Combine(at.FullName, ".git")))
            {
                return new DocumentFolder(at.FullName, isRepository: true);
            }
        }

        return new DocumentFolder(Directory.GetCurrentDirectory(), isRepository: false);
    }

    /// <summary>Reads everything anew, so that what is cited is what stands there now.</summary>
    public IReadOnlyList<Document> Read() =>
    [
        .. Files().Where(IsText).Take(MaxFiles)
            .Select(file => new Document(RelativeName(file), File.ReadAllLines(file.FullName)))
            .OrderBy(document => document.Path, StringComparer.Ordinal),
    ];

    private static bool IsText(FileInfo file) =>
        file.Length <= MaxFileBytes && Extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<FileInfo> Below(DirectoryInfo folder)
    {
        if (!folder.Exists)
        {
            return [];
        }

        return folder.EnumerateFiles().Concat(folder.EnumerateDirectories()
            .Where(child => !child.Name.StartsWith('.') && !Skipped.Contains(child.Name, StringComparer.OrdinalIgnoreCase)
                && child.LinkTarget is null)
            .SelectMany(Below));
    }

    private IEnumerable<FileInfo> Files() => isRepository
        ? RepositoryFiles.Select(name => new FileInfo(Path.Combine(Root, name))).Where(file => file.Exists)
            .Concat(Below(new DirectoryInfo(Path.Combine(Root, "docs"))))
            .Concat(Below(new DirectoryInfo(Path.Combine(Root, "samples"))))
            .Concat(Below(new DirectoryInfo(Path.Combine(Root, "src"))).Where(file => file.Name == "README.md"))
        : Below(new DirectoryInfo(Root));

    private string RelativeName(FileInfo file) => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/');
}
