using System.Text;
using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>The text of an answer, and everything that it cites.</summary>
internal sealed record Answer(string Text, IReadOnlyList<Citation> Citations)
{
    // Below this share of the best passage's score, a passage is about something else.
    private const double LeastShare = 0.45;
    private const int MostPerDocument = 4;
    private const int LongestLabel = 60;

    /// <summary>Quotes the best passages, each with its file and line; or says that there is nothing.</summary>
    public static Answer From(Plan plan, IReadOnlyList<Hit> hits, SearchIndex index, Vocabulary vocabulary)
    {
        var text = new StringBuilder();
        if (plan.Changes.Count > 0)
        {
            text.Append("*Changed while I worked: ").Append(string.Join("; then ", plan.Changes)).Append(".*\n\n");
        }

        var statements = Statements(plan, hits, index);
        if (statements.Count == 0)
        {
            return new Answer(text.Append(Nothing(plan, index, vocabulary)).ToString(), []);
        }

        text.Append(Lead(plan, statements)).Append("\n\n");
        foreach (var (passage, citation) in statements)
        {
            text.Append("- ").Append(Label(passage)).Append('“').Append(citation.Quote).Append(Quoting.IsCut(citation) ? "…" : "")
                .Append("” [`").Append(citation).Append("`]\n");
        }

        var missing = plan.Keywords.Where(k => !vocabulary.Has(k.Stem)).Select(k => $"“{k.Word}”").ToList();
        if (missing.Count > 0)
        {
            text.Append("\nNo document mentions ").Append(Planner.Listed(missing)).Append(".\n");
        }

        var most = statements.GroupBy(s => s.Citation.File).OrderByDescending(g => g.Count()).First();
        if (plan.Statements > Plan.FewStatements && most.Count() < statements.Count && most.Count() > statements.Count / 2)
        {
            text.Append("\nMost of it is in `").Append(most.Key).Append("`.\n");
        }

        return new Answer(text.ToString(), [.. statements.Select(s => s.Citation)]);
    }

    private static List<(Passage Passage, Citation Citation)> Statements(Plan plan, IReadOnlyList<Hit> hits, SearchIndex index)
    {
        var statements = new List<(Passage Passage, Citation Citation)>();
        var best = hits.Count > 0 ? hits[0].Score : 0;
        foreach (var hit in hits.Where(hit => hit.Score >= best * LeastShare))
        {
            var crowded = plan.Only is null && statements.Count(s => s.Citation.File == hit.Passage.Document.Path) >= MostPerDocument;
            if (!crowded && Quoting.From(hit.Passage, plan.Terms, index) is { } citation
                && statements.TrueForAll(s => s.Citation.Quote != citation.Quote))
            {
                statements.Add((hit.Passage, citation));
            }

            if (statements.Count == plan.Statements)
            {
                break;
            }
        }

        return statements;
    }

    private static string Lead(Plan plan, List<(Passage Passage, Citation Citation)> statements)
    {
        var words = Planner.Listed(plan.Keywords.Take(4).Select(k => $"**{k.Word}**"));
        var files = statements.Select(s => s.Citation.File).Distinct().Count();
        var places = statements.Count == 1 ? "one place" : $"{statements.Count} places";
        return files == 1
            ? $"On {words}, `{statements[0].Citation.File}` says in {places}:"
            : $"On {words}, the documents say in {places}:";
    }

    private static string Nothing(Plan plan, SearchIndex index, Vocabulary vocabulary)
    {
        var words = Planner.Listed(plan.Keywords.Select(k => $"“{k.Word}”"));
        var where = plan.Only is { } only ? Planner.Listed(only.Select(path => $"`{path}`")) : $"the {index.Documents.Count(plan.Admits)} documents";
        if (words.Length == 0)
        {
            return "There is no word in the question that I could search for. Ask about something that the documents might name.";
        }

        var close = plan.Keywords.SelectMany(k => vocabulary.Closest(k.Stem)).Distinct().Take(4).Select(stem => $"“{stem}…”").ToList();
        var hint = close.Count > 0 ? $" Words that they do use and that come near: {Planner.Listed(close)}." : "";
        return $"I found nothing about {words} in {where}, and I do not guess.{hint}";
    }

    private static string Label(Passage passage)
    {
        var row = Quoting.LabelOf(passage) is { Length: <= LongestLabel } label ? label : "";
        string[] parts = [passage.InnermostHeading, row];
        var whole = string.Join(", ", parts.Where(part => part.Length > 0));
        return whole.Length > 0 ? $"**{whole}:** " : "";
    }
}
