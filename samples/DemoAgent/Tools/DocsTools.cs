using System.ComponentModel;
using System.Text.RegularExpressions;
using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.DemoAgent.Tools;

internal sealed record FileEntry(string Path, int Lines);

internal sealed record FoundPassage(string File, int StartLine, int EndLine, string Heading, double Score, string Text);

internal sealed record FileExcerpt(string File, int StartLine, int EndLine, int TotalLines, string Text);

internal sealed record Occurrences(string Term, int Total, IReadOnlyDictionary<string, int> Files);

/// <summary>What the agent can do with the documents, with or without a model. Nothing here writes, or leaves the folder.</summary>
internal sealed class DocsTools(SearchIndex index)
{
    public const string ListFilesName = "list_files";
    public const string SearchName = "search";
    public const string ReadFileName = "read_file";
    public const string CountName = "count";

    // What a tool shows goes into an event and, with a model, into its context.
    private const int MaxPassages = 12;
    private const int MaxPassageCharacters = 600;
    private const int MaxLines = 80;
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    [Description("Lists the documents and their length in lines.")]
    public IReadOnlyList<FileEntry> ListFiles() => [.. index.Documents.Select(d => new FileEntry(d.Path, d.Lines.Count))];

    [Description("Ranks the passages of the documents for some words, best first.")]
    public IReadOnlyList<FoundPassage> Search(
        [Description("The words to look for.")] string query,
        [Description("Only documents whose path contains this; all when left out.")] string? file = null,
        [Description("How many passages, at most 12.")] int limit = 6) =>
        Show(index.Search(
            [.. Terms.Of(query).Distinct().Select(stem => new WeightedTerm(stem, 1))],
            Math.Clamp(limit, 1, MaxPassages),
            d => string.IsNullOrEmpty(file) || d.Path.Contains(file, StringComparison.OrdinalIgnoreCase)));

    [Description("Reads lines of a document, at most 80 at a time.")]
    public FileExcerpt ReadFile(
        [Description("The document's path, as listed.")] string path,
        [Description("The first line, from 1.")] int startLine,
        [Description("The last line.")] int endLine)
    {
        var document = index.Documents.FirstOrDefault(d => d.Path == path)
            ?? throw new ToolException($"There is no document '{path}'.");
        var first = Math.Clamp(startLine, 1, Math.Max(1, document.Lines.Count));
        var last = Math.Clamp(endLine, first, Math.Min(document.Lines.Count, first + MaxLines - 1));
        var text = string.Join('\n', document.Lines.Skip(first - 1).Take(last - first + 1));
        return new FileExcerpt(path, first, last, document.Lines.Count, text);
    }

    [Description("Counts how often words occur, as written, in each document.")]
    public IReadOnlyList<Occurrences> Count([Description("The words to count.")] IReadOnlyList<string> terms) =>
    [
        .. terms.Take(MaxPassages).Select(term =>
        {
            var word = new Regex($@"\b{Regex.Escape(term)}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, MatchTimeout);
            var files = index.Documents
                .Select(d => (d.Path, Count: d.Lines.Sum(line => word.Count(line))))
                .Where(pair => pair.Count > 0)
                .ToDictionary(pair => pair.Path, pair => pair.Count);
            return new Occurrences(term, files.Values.Sum(), files);
        }),
    ];

    public static IReadOnlyList<FoundPassage> Show(IEnumerable<Hit> hits) =>
    [
        .. hits.Select(hit => new FoundPassage(
            hit.Passage.Document.Path, hit.Passage.FirstLine, hit.Passage.LastLine, hit.Passage.Heading,
            Math.Round(hit.Score, 2), Cut(hit.Passage.Text))),
    ];

    private static string Cut(string text) => text.Length <= MaxPassageCharacters ? text : text[..WholeCharacter(text, MaxPassageCharacters)] + "…";

    private static int WholeCharacter(string text, int at) => char.IsHighSurrogate(text[at - 1]) ? at - 1 : at;
}

/// <summary>A tool was asked for something that is not there; told to whoever asked.</summary>
internal sealed class ToolException(string message) : Exception(message);
