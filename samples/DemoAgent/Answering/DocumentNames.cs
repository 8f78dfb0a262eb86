using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>Finds the documents that a sentence names: <c>docs/protocol.md</c>, <c>protocol.md</c>, "the protocol file".</summary>
internal static class DocumentNames
{
    private static readonly string[] FileWords = ["file", "document", "page", "doc"];

    /// <summary>The paths of the documents that are named.</summary>
    public static IReadOnlyList<string> In(string text, IReadOnlyList<Document> documents) =>
        [.. Mentions(text, documents).SelectMany(mention => mention.Paths).Distinct()];

    /// <summary>The sentence without the names in it, so that a file's name is not searched for as a word.</summary>
    public static string Without(string text, IReadOnlyList<Document> documents) =>
        Mentions(text, documents).Aggregate(text, (rest, mention) => rest.Replace(mention.Text, " ", StringComparison.OrdinalIgnoreCase));

    /// <summary>The documents whose name, with or without its extension, is the word.</summary>
    public static IReadOnlyList<string> Called(string word, IReadOnlyList<Document> documents) =>
    [
        .. documents
            .Where(d => Same(d.Path, word) || Same(d.FileName, word) || Same(Path.GetFileNameWithoutExtension(d.FileName), word)
                || d.Path.StartsWith($"{word.TrimEnd('/')}/", StringComparison.OrdinalIgnoreCase))
            .Select(d => d.Path),
    ];

    public static IEnumerable<string> WordsOf(string text) =>
        text.Split([' ', ',', ';', '?', '!', '"', '`', '(', ')', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.TrimEnd('.', ':'));

    private static IEnumerable<(string Text, IReadOnlyList<string> Paths)> Mentions(string text, IReadOnlyList<Document> documents)
    {
        var words = WordsOf(text).ToList();
        for (var i = 0; i < words.Count; i++)
        {
            var isFile = words[i].Contains('.') || words[i].Contains('/')
                || (i + 1 < words.Count && FileWords.Contains(words[i + 1].ToLowerInvariant()));
            if (isFile && Called(words[i], documents) is { Count: > 0 } paths)
            {
                yield return (words[i], paths);
            }
        }
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
