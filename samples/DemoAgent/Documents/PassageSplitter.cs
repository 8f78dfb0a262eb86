namespace RealtimeHub.DemoAgent.Documents;

/// <summary>Cuts a Markdown or plain text file into passages, each with the lines that it stands on.</summary>
internal static class PassageSplitter
{
    // A longer block is cut: a citation of a hundred lines helps nobody.
    private const int MaxLines = 30;

    public static IEnumerable<Passage> Split(Document document)
    {
        var headings = new List<(int Level, string Title)>();
        var first = 0;
        var kind = PassageKind.Paragraph;
        var fence = "";
        for (var number = 1; number <= document.Lines.Count + 1; number++)
        {
            var line = number <= document.Lines.Count ? document.Lines[number - 1] : "";
            var trimmed = line.TrimStart();
            var inside = fence.Length > 0;
            var next = inside ? PassageKind.Code : KindOf(trimmed);
            var ends = first > 0 && !inside && (next != PassageKind.Paragraph || trimmed.Length == 0 || kind == PassageKind.TableRow);
            if (first > 0 && (ends || number > document.Lines.Count || number - first >= MaxLines))
            {
                yield return Made(first, number - 1);
                first = 0;
            }

            if (trimmed.Length == 0 && (!inside || first == 0))
            {
                continue;
            }

            if (next == PassageKind.Code && !inside)
            {
                fence = trimmed[..3];
                kind = PassageKind.Code;
                continue;
            }

            if (inside && trimmed.StartsWith(fence, StringComparison.Ordinal))
            {
                fence = "";
                if (first > 0)
                {
                    yield return Made(first, number - 1);
                    first = 0;
                }

                continue;
            }

            if (next == PassageKind.Heading)
            {
                Enter(headings, trimmed);
                continue;
            }

            if (IsRuler(trimmed) || (next == PassageKind.TableRow && number < document.Lines.Count && IsRuler(document.Lines[number].Trim())))
            {
                continue;
            }

            (first, kind) = first == 0 ? (number, next) : (first, kind);
        }

        Passage Made(int from, int to) => new(document, from, to, string.Join(" › ", headings.Select(h => h.Title)), kind);
    }

    private static PassageKind KindOf(string line) => line switch
    {
        _ when line.StartsWith("```", StringComparison.Ordinal) || line.StartsWith("~~~", StringComparison.Ordinal) => PassageKind.Code,
        _ when line.StartsWith('#') && line.TrimStart('#').StartsWith(' ') => PassageKind.Heading,
        _ when line.StartsWith('|') => PassageKind.TableRow,
        _ when IsListItem(line) => PassageKind.ListItem,
        _ => PassageKind.Paragraph,
    };

    private static bool IsListItem(string line)
    {
        if (line.Length > 1 && line[0] is '-' or '*' or '+' && line[1] == ' ')
        {
            return true;
        }

        var digits = line.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return digits is > 0 and < 4 && line.Length > digits + 1 && line[digits] is '.' or ')' && line[digits + 1] == ' ';
    }

    // Rules say nothing, nor do the header of a table and the line under it.
    private static bool IsRuler(string line) => line.Length > 0 && line.AsSpan().IndexOfAnyExcept("|-:= ") < 0;

    private static void Enter(List<(int Level, string Title)> headings, string line)
    {
        var level = line.AsSpan().IndexOfAnyExcept('#');
        headings.RemoveAll(heading => heading.Level >= level);
        headings.Add((level, line[level..].Trim().TrimEnd('#').Trim()));
    }
}
