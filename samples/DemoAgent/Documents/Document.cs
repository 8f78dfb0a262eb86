namespace RealtimeHub.DemoAgent.Documents;

/// <summary>A text file: its path below the folder, with forward slashes, and its lines.</summary>
internal sealed record Document(string Path, IReadOnlyList<string> Lines)
{
    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>A paragraph, list item, table row or code block: the unit that is ranked and quoted.</summary>
/// <param name="Document">Where it stands.</param>
/// <param name="FirstLine">1-based.</param>
/// <param name="LastLine">1-based, inclusive.</param>
/// <param name="Heading">The headings above it, outermost first, joined by " › ".</param>
/// <param name="Kind">What it is.</param>
internal sealed record Passage(Document Document, int FirstLine, int LastLine, string Heading, PassageKind Kind)
{
    public IEnumerable<string> Lines => Document.Lines.Skip(FirstLine - 1).Take(LastLine - FirstLine + 1);

    public string Text => string.Join('\n', Lines);

    public string InnermostHeading => Heading[(Heading.LastIndexOf('›') + 1)..].Trim();
}

internal enum PassageKind
{
    Paragraph,
    ListItem,
    TableRow,
    Code,
    Heading,
}
