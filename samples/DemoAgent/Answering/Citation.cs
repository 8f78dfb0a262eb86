using System.Text;
using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>Words that stand in a document, and where. Line ends within them count as spaces.</summary>
internal sealed record Citation(string File, int StartLine, int EndLine, string Quote)
{
    /// <summary><c>docs/protocol.md:12-18</c></summary>
    public override string ToString() => StartLine == EndLine ? $"{File}:{StartLine}" : $"{File}:{StartLine}-{EndLine}";

    /// <summary>Whether the words really stand there.</summary>
    public bool Holds(Document document) =>
        document.Path == File && StartLine >= 1 && EndLine <= document.Lines.Count && StartLine <= EndLine
        && Flat(document.Lines.Skip(StartLine - 1).Take(EndLine - StartLine + 1)).Contains(Quote, StringComparison.Ordinal);

    /// <summary>Lines as one, without the indentation that Markdown gives to continued lines.</summary>
    public static string Flat(IEnumerable<string> lines) =>
        lines.Aggregate(new StringBuilder(), (text, line) => text.Append(text.Length > 0 ? " " : "").Append(line.Trim())).ToString();
}
