using System.Collections.Frozen;

namespace RealtimeHub.DemoAgent.Documents;

/// <summary>Words as the search sees them: lower case, without the small ones, lightly stemmed.</summary>
internal static class Terms
{
    private static readonly FrozenSet<string> StopWords = (
        "a an and any are as at be been being but by can could did do does done for from get gets had has have having he her here how i if in " +
        "into is it its just let like may me might my no nor not of off on one or our out own same she should so some such tell than that the " +
        "their them then there these they this those through to too under until up us very was we were what when where which while who whom " +
        "whose why will with would you your about explain describe show please give know mean means work works happen happens exactly say says " +
        "shorter longer only instead also more less make made every each between after before during without need needs needed want wants " +
        "use uses used using apply applies")
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    public static bool IsStopWord(string word) => StopWords.Contains(word);

    /// <summary>The words of a text in order, as written but in lower case; <c>RunPublisher</c> is also <c>run</c> and <c>publisher</c>.</summary>
    public static IEnumerable<string> Words(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[at]))
            {
                at++;
                continue;
            }

            var end = at;
            while (end < text.Length && char.IsLetterOrDigit(text[end]))
            {
                end++;
            }

            var word = text[at..end];
            yield return word.ToLowerInvariant();
            var parts = Humps(word).ToList();
            if (parts.Count > 1)
            {
                foreach (var part in parts)
                {
                    yield return part.ToLowerInvariant();
                }
            }

            at = end;
        }
    }

    /// <summary>The stems that a text is found by.</summary>
    public static IEnumerable<string> Of(string text) =>
        Words(text).Where(word => word.Length > 1 && !IsStopWord(word)).Select(Stem);

    /// <summary>Takes off the endings that English adds without changing what is meant: events, resumed, streaming.</summary>
    public static string Stem(string word)
    {
        if (word.Length > 4 && word.EndsWith("ies", StringComparison.Ordinal))
        {
            return word[..^3] + "y";
        }

        foreach (var (ending, least) in new[] { ("ations", 5), ("ation", 5), ("ings", 4), ("ing", 4), ("ions", 4), ("ion", 4), ("ers", 4), ("er", 4), ("ed", 3), ("es", 3), ("s", 3) })
        {
            var protects = ending == "s" && (word.EndsWith("ss", StringComparison.Ordinal) || word.EndsWith("us", StringComparison.Ordinal));
            if (!protects && word.Length >= ending.Length + least && word.EndsWith(ending, StringComparison.Ordinal))
            {
                return Undouble(word[..^ending.Length]);
            }
        }

        return word.Length > 3 && word[^1] == 'e' ? word[..^1] : word;
    }

    // cancelled → cancel, running → run; but not process, call.
    private static string Undouble(string stem)
    {
        var doubled = stem.Length > 3 && stem[^1] == stem[^2] && stem[^1] is not ('s' or 'f' or 'z' or 'a' or 'e' or 'o');
        stem = doubled ? stem[..^1] : stem;
        return stem.Length > 4 && stem[^1] == 'e' ? stem[..^1] : stem;
    }

    private static IEnumerable<string> Humps(string word)
    {
        var start = 0;
        for (var i = 1; i < word.Length; i++)
        {
            if (char.IsUpper(word[i]) && char.IsLower(word[i - 1]))
            {
                yield return word[start..i];
                start = i;
            }
        }

        yield return word[start..];
    }
}
