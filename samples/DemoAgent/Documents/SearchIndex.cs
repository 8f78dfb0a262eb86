namespace RealtimeHub.DemoAgent.Documents;

/// <summary>A term to search for and how much it counts: 1 for the question's own words, less for what stands in for them.</summary>
internal readonly record struct WeightedTerm(string Stem, double Weight);

/// <summary>A passage that was found.</summary>
internal sealed record Hit(Passage Passage, double Score, IReadOnlyList<string> Matched);

/// <summary>Ranks passages by BM25: rare words count more, repetition counts less and less, long passages are not favoured.</summary>
internal sealed class SearchIndex
{
    // The usual constants of BM25.
    private const double K1 = 1.2;
    private const double B = 0.75;

    // A word in the heading above says what a passage is about, though the passage may not repeat it.
    private const double HeadingWeight = 0.6;

    // A passage that begins with the word most likely says what it is.
    private const int OpeningTerms = 3;
    private const double OpeningBonus = 1.25;

    private readonly List<Entry> passages = [];
    private readonly Dictionary<string, int> passagesWith = new(StringComparer.Ordinal);
    private readonly double averageLength;

    public SearchIndex(IReadOnlyList<Document> documents)
    {
        Documents = documents;
        foreach (var passage in documents.SelectMany(PassageSplitter.Split))
        {
            var frequencies = new Dictionary<string, double>(StringComparer.Ordinal);
            var length = Add(frequencies, passage.Text, 1);
            Add(frequencies, passage.Heading, HeadingWeight);
            passages.Add(new Entry(passage, frequencies, length, [.. Terms.Of(passage.Text).Take(OpeningTerms)]));
            foreach (var term in frequencies.Keys)
            {
                passagesWith[term] = passagesWith.GetValueOrDefault(term) + 1;
            }
        }

        averageLength = passages.Count == 0 ? 1 : Math.Max(1, passages.Average(p => p.Length));
    }

    public IReadOnlyList<Document> Documents { get; }

    public int PassageCount => passages.Count;

    public IReadOnlyDictionary<string, int> PassagesWith => passagesWith;

    /// <summary>How telling a term is; 0 when no passage has it.</summary>
    public double Rarity(string stem) => passagesWith.TryGetValue(stem, out var n)
        ? Math.Log(1 + ((passages.Count - n + 0.5) / (n + 0.5)))
        : 0;

    /// <summary>The best passages, best first; only of documents that <paramref name="admits"/> lets through.</summary>
    public IReadOnlyList<Hit> Search(IReadOnlyCollection<WeightedTerm> terms, int limit, Func<Document, bool>? admits = null)
    {
        var whole = terms.Sum(t => t.Weight * Rarity(t.Stem));
        return
        [
            .. passages
                .Where(p => admits?.Invoke(p.Passage.Document) ?? true)
                .Select(p => Rank(p, terms, whole))
                .Where(hit => hit.Score > 0)
                .OrderByDescending(hit => hit.Score)
                .ThenBy(hit => hit.Passage.Document.Path, StringComparer.Ordinal).ThenBy(hit => hit.Passage.FirstLine)
                .Take(limit),
        ];
    }

    private static double Add(Dictionary<string, double> frequencies, string text, double weight)
    {
        var length = 0;
        foreach (var term in Terms.Of(text))
        {
            frequencies[term] = frequencies.GetValueOrDefault(term) + weight;
            length++;
        }

        return length;
    }

    private Hit Rank(Entry entry, IReadOnlyCollection<WeightedTerm> terms, double whole)
    {
        var score = 0.0;
        var covered = 0.0;
        var matched = new List<string>();
        foreach (var (stem, weight) in terms)
        {
            if (entry.Frequencies.TryGetValue(stem, out var frequency))
            {
                var rarity = Rarity(stem);
                var length = 1 - B + (B * entry.Length / averageLength);
                score += weight * rarity * frequency * (K1 + 1) / (frequency + (K1 * length));
                covered += weight * rarity;
                matched.Add(stem);
            }
        }

        // A passage that has all the words answers better than one that has one of them often; code shows, but explains less.
        var coverage = whole > 0 ? 0.4 + (0.6 * covered / whole) : 0;
        var opening = terms.Any(t => t.Weight >= 1 && entry.Opening.Contains(t.Stem)) ? OpeningBonus : 1;
        return new Hit(entry.Passage, score * coverage * opening * (entry.Passage.Kind == PassageKind.Code ? 0.6 : 1), matched);
    }

    private sealed record Entry(Passage Passage, Dictionary<string, double> Frequencies, double Length, IReadOnlyList<string> Opening);
}
