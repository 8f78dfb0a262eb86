using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>Takes from a passage the words that answer best, unchanged, and the very lines that they stand on.</summary>
internal static class Quoting
{
    // A quotation is to be read at a glance; the citation leads to the rest.
    private const int MaxCharacters = 320;

    public static Citation? From(Passage passage, IReadOnlyCollection<WeightedTerm> terms, SearchIndex index)
    {
        var text = Citation.Flat(passage.Lines);
        var isRow = passage.Kind == PassageKind.TableRow;
        var spans = (isRow ? Cells(text).Where(span => span.End.Value > span.Start.Value).Skip(1) : Sentences(text))
            .Select(span => Trimmed(text, span))
            .Where(span => text[span].Length > 2)
            .ToList();
        if (spans.Count == 0)
        {
            return null;
        }

        var best = spans.MaxBy(span => Score(text[span], terms, index));
        var whole = isRow ? best : Extended(best, spans);
        return At(passage, whole.Start.Value, Cut(text[whole]));
    }

    /// <summary>What a table's row is about: its first cell, which is not quoted. Null for what is no row.</summary>
    public static string? LabelOf(Passage passage)
    {
        var text = Citation.Flat(passage.Lines);
        return passage.Kind == PassageKind.TableRow
            ? Cells(text).Select(span => text[span].Trim()).FirstOrDefault(cell => cell.Length > 0)
            : null;
    }

    /// <summary>Whether a sentence was cut off because it is too long.</summary>
    public static bool IsCut(Citation citation) => citation.Quote.Length > MaxCharacters / 2 && citation.Quote[^1] is not ('.' or '!' or '?' or ':' or ')');

    /// <summary>The lines that a part of the flattened passage stands on.</summary>
    private static Citation At(Passage passage, int start, string quote)
    {
        var at = 0;
        var (first, last) = (passage.FirstLine, passage.LastLine);
        var number = passage.FirstLine;
        foreach (var line in passage.Lines)
        {
            var length = line.Trim().Length;
            first = at <= start ? number : first;
            if (at + length >= start + quote.Length)
            {
                last = number;
                break;
            }

            at += length + 1;
            number++;
        }

        return new Citation(passage.Document.Path, first, last, quote);
    }

    // Among spans with the same words, the longer one says more.
    private static double Score(string text, IReadOnlyCollection<WeightedTerm> terms, SearchIndex index)
    {
        var has = Terms.Of(text).ToHashSet(StringComparer.Ordinal);
        return terms.Where(t => has.Contains(t.Stem)).Sum(t => t.Weight * index.Rarity(t.Stem)) + (Math.Min(text.Length, 100) * 0.002);
    }

    // A short sentence is clearer with the one after it.
    private static Range Extended(Range span, List<Range> all)
    {
        var next = all.IndexOf(span) + 1;
        var joined = next < all.Count ? span.Start..all[next].End : span;
        return span.End.Value - span.Start.Value < 60 && joined.End.Value - joined.Start.Value <= MaxCharacters ? joined : span;
    }

    private static IEnumerable<Range> Sentences(string text)
    {
        var start = 0;
        var code = false;
        for (var i = 0; i < text.Length; i++)
        {
            code ^= text[i] == '`';
            var ends = !code && text[i] is '.' or '!' or '?' && i + 2 < text.Length && text[i + 1] == ' '
                && (char.IsUpper(text[i + 2]) || text[i + 2] is '`' or '*' or '[' or '"');
            if (ends && !code)
            {
                yield return start..(i + 1);
                start = i + 2;
            }
        }

        yield return start..text.Length;
    }

    private static IEnumerable<Range> Cells(string text)
    {
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == '|' && (i == 0 || text[i - 1] != '\\')))
            {
                yield return start..i;
                start = i + 1;
            }
        }
    }

    // Without spaces and list markers around it.
    private static Range Trimmed(string text, Range span)
    {
        var (start, end) = (span.Start.Value, span.End.Value);
        while (start < end && (char.IsWhiteSpace(text[start]) || (text[start] is '-' or '*' or '+' or '>' && start + 1 < end && text[start + 1] == ' ')))
        {
            start++;
        }

        while (end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        return start < end ? start..end : ..0;
    }

    private static string Cut(string quote)
    {
        if (quote.Length <= MaxCharacters)
        {
            return quote;
        }

        var space = quote.LastIndexOf(' ', MaxCharacters);
        return quote[..(space > MaxCharacters / 2 ? space : char.IsHighSurrogate(quote[MaxCharacters - 1]) ? MaxCharacters - 1 : MaxCharacters)];
    }
}
