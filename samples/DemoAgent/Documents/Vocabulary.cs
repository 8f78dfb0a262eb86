namespace RealtimeHub.DemoAgent.Documents;

/// <summary>A word of the documents that may stand in for a word of the question, and why.</summary>
internal sealed record Relative(string Stem, string For, string Because);

/// <summary>Finds, among the words that the documents really use, those close to a word of the question.</summary>
internal sealed class Vocabulary(SearchIndex index)
{
    private const int SharedPrefix = 5;

    // A word that stands in more passages than this needs no other to stand in for it.
    private const int WellKnown = 6;

    // Words that people say for one another about software. A group only helps where the documents use one of its words.
    private static readonly string[][] Synonyms =
    [
        ["cancel", "stop", "abort", "halt", "interrupt"],
        ["steer", "instruct", "redirect", "guide", "control"],
        ["error", "failure", "fault", "problem", "crash"],
        ["limit", "maximum", "largest", "biggest", "most", "quota", "size"],
        ["down", "away", "outage", "unavailable", "unreachable", "offline"],
        ["permission", "scope", "grant", "access", "authorization", "right", "allowed"],
        ["token", "credential", "ticket", "secret"],
        ["login", "authenticate", "identity"],
        ["start", "launch", "run", "install", "begin"],
        ["reconnect", "resume", "recover", "cursor"],
        ["lost", "lose", "miss", "gap", "drop"],
        ["store", "save", "persist", "durable", "log", "database"],
        ["delete", "remove", "purge", "retention"],
        ["configure", "setting", "option", "environment"],
        ["fast", "latency", "performance", "speed", "benchmark"],
        ["scale", "cluster", "node"],
        ["upload", "artifact", "file"],
        ["approve", "approval", "confirm", "decide"],
        ["duplicate", "repeat", "idempotency", "twice"],
        ["order", "sequence"],
        ["chat", "conversation", "message"],
        ["person", "user", "operator", "human"],
        ["test", "verify", "check"],
    ];

    public bool Has(string stem) => index.PassagesWith.ContainsKey(stem);

    /// <summary>Up to a few relatives of a stem, those that the documents use most first.</summary>
    public IReadOnlyList<Relative> RelativesOf(string stem, string word)
    {
        if (index.PassagesWith.GetValueOrDefault(stem) > WellKnown)
        {
            return [];
        }

        var synonyms = Synonyms
            .Where(group => group.Any(member => Terms.Stem(member) == stem))
            .SelectMany(group => group)
            .Select(member => new Relative(Terms.Stem(member), word, "often said for it"));
        var family = index.PassagesWith.Keys
            .Where(known => !Has(stem) && SharesPrefix(known, stem))
            .Select(known => new Relative(known, word, "of the same family"));
        var misspelt = Has(stem) || stem.Length < 5
            ? []
            : index.PassagesWith.Keys.Where(known => OneEditApart(known, stem)).Select(known => new Relative(known, word, "spelt almost alike"));
        return
        [
            .. misspelt.Concat(family).Concat(synonyms)
                .Where(relative => relative.Stem != stem && Has(relative.Stem))
                .DistinctBy(relative => relative.Stem)
                .OrderByDescending(relative => relative.Because != "often said for it")
                .ThenByDescending(relative => index.PassagesWith[relative.Stem])
                .Take(3),
        ];
    }

    /// <summary>Words of the documents that come closest to a word that none of them has.</summary>
    public IReadOnlyList<string> Closest(string stem) =>
    [
        .. index.PassagesWith.Keys
            .Where(known => known.Length > 3 && known[0] == stem[0])
            .OrderByDescending(known => CommonPrefix(known, stem))
            .ThenByDescending(known => index.PassagesWith[known])
            .Take(3),
    ];

    private static bool SharesPrefix(string a, string b) =>
        Math.Min(a.Length, b.Length) >= SharedPrefix && CommonPrefix(a, b) >= Math.Max(SharedPrefix, Math.Min(a.Length, b.Length));

    private static int CommonPrefix(string a, string b) => a.AsSpan().CommonPrefixLength(b);

    // One letter changed, added, left out, or two neighbours swapped.
    private static bool OneEditApart(string a, string b)
    {
        var (longer, shorter) = a.Length >= b.Length ? (a, b) : (b, a);
        if (longer.Length - shorter.Length > 1)
        {
            return false;
        }

        var at = CommonPrefix(longer, shorter);
        if (longer.Length > shorter.Length)
        {
            return string.CompareOrdinal(longer, at + 1, shorter, at, shorter.Length) == 0;
        }

        return string.CompareOrdinal(longer, at + 1, shorter, at + 1, shorter.Length) == 0
            || (at + 1 < longer.Length && longer[at] == shorter[at + 1] && longer[at + 1] == shorter[at]
                && string.CompareOrdinal(longer, at + 2, shorter, at + 2, shorter.Length) == 0);
    }
}
