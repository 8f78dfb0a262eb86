using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>Makes a plan of a question: its words without the small ones, their relatives in the documents, the documents it names.</summary>
internal sealed class Planner(SearchIndex index)
{
    private readonly Vocabulary vocabulary = new(index);

    public Plan Of(string question)
    {
        var named = DocumentNames.In(question, index.Documents);
        var keywords = KeywordsOf(DocumentNames.Without(question, index.Documents));
        var plan = new Plan { Question = question, Keywords = keywords, Only = named.Count > 0 ? named : null };
        return plan with { Relatives = RelativesOf(keywords) };
    }

    public static IReadOnlyList<Keyword> KeywordsOf(string text) =>
    [
        .. Terms.Words(text)
            .Where(word => word.Length > 1 && !Terms.IsStopWord(word))
            .Select(word => new Keyword(word, Terms.Stem(word)))
            .DistinctBy(keyword => keyword.Stem),
    ];

    public IReadOnlyList<Relative> RelativesOf(IReadOnlyList<Keyword> keywords) =>
        [.. keywords.SelectMany(k => vocabulary.RelativesOf(k.Stem, k.Word)).DistinctBy(r => r.Stem)];

    /// <summary>What the agent thinks before it looks, in words: all of it follows from the plan and the documents.</summary>
    public string Explain(Plan plan)
    {
        var lines = new List<string>();
        if (plan.Keywords.Count == 0)
        {
            return $"“{plan.Question}” has no word that I could search for.";
        }

        var carry = plan.Keywords.Count == 1 ? "The word that carries the question is" : "The words that carry the question are";
        lines.Add($"{carry} {Listed(plan.Keywords.Select(k => $"“{k.Word}”"))}.");
        var missing = plan.Keywords.Where(k => !vocabulary.Has(k.Stem)).ToList();
        var found = plan.Keywords.Where(k => vocabulary.Has(k.Stem)).OrderByDescending(k => index.Rarity(k.Stem)).ToList();
        if (found.Count > 1)
        {
            lines.Add(
                $"“{found[0].Word}” is the rarest of them here ({index.PassagesWith[found[0].Stem]} of {index.PassageCount} passages), so it should tell most.");
        }

        if (missing.Count > 0)
        {
            lines.Add($"No document has {Listed(missing.Select(k => $"“{k.Word}”"))}.");
        }

        foreach (var group in plan.Relatives.GroupBy(r => (r.For, r.Because)))
        {
            lines.Add($"For “{group.Key.For}” I also take {Listed(group.Select(r => $"“{r.Stem}…”"))} ({group.Key.Because}).");
        }

        lines.Add(plan.Only is { } only
            ? $"I look only in {Listed(only)}."
            : $"I look in all {index.Documents.Count(plan.Admits)} documents.");
        return string.Join(' ', lines);
    }

    public static string Listed(IEnumerable<string> items)
    {
        var all = items.ToList();
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} and {all[^1]}";
    }
}
