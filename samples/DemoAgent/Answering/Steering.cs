using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>Reads an instruction and changes the plan: where to look, how much to say, what to look for.</summary>
internal sealed class Steering(SearchIndex index, Planner planner)
{
    private static readonly string[] Shorter = ["shorter", "short", "brief", "briefly", "concise", "concisely", "less"];
    private static readonly string[] Longer = ["longer", "long", "detail", "details", "detailed", "more", "thorough"];
    private static readonly string[] Everywhere = ["everywhere", "anywhere", "all files", "all documents", "every file", "every document"];
    private static readonly string[] Excluding = ["not", "without", "except", "ignore", "skip", "exclude", "no"];
    private static readonly string[] Replacing = ["instead", "rather", "actually"];

    // Words about the instruction itself, never about what is looked for.
    private static readonly string[] Small =
        ["only", "just", "use", "using", "look", "search", "read", "answer", "file", "files", "document", "documents", "doc", "docs", "focus", "also",
         "include", "including", "add", "keep", "stick", "want", "need", "now", "ok", "okay", "bit", "much"];

    /// <summary>The plan after an instruction; its last change says in words what the instruction did.</summary>
    public Plan Apply(Plan plan, string instruction)
    {
        var words = DocumentNames.WordsOf(instruction).ToList();
        var said = words.Select(word => word.ToLowerInvariant()).ToList();
        var changes = new List<string>();
        plan = Where(plan, words, said, instruction, changes);
        plan = HowMuch(plan, said, changes);
        plan = What(plan, words, said, changes);
        var change = changes.Count > 0 ? string.Join("; ", changes) : "nothing that I can do differently";
        return plan with { Changes = [.. plan.Changes, change] };
    }

    private Plan Where(Plan plan, List<string> words, List<string> said, string instruction, List<string> changes)
    {
        var excluded = new List<string>();
        var wanted = new List<string>();
        for (var i = 0; i < words.Count; i++)
        {
            var paths = DocumentNames.Called(words[i], index.Documents);
            var marked = words[i].Contains('.') || words[i].Contains('/')
                || said.Take(i).Any(word => word is "only" or "just" or "in" or "from") || (i + 1 < said.Count && said[i + 1] is "file" or "document");
            var unwanted = said.Take(i).Any(Excluding.Contains);
            if (paths.Count > 0 && (marked || unwanted))
            {
                (unwanted ? excluded : wanted).AddRange(paths);
            }
        }

        if (Everywhere.Any(phrase => instruction.Contains(phrase, StringComparison.OrdinalIgnoreCase)))
        {
            changes.Add("looking in all documents");
            return plan with { Only = null, Without = [] };
        }

        if (wanted.Count > 0)
        {
            changes.Add($"looking only in {Planner.Listed(wanted.Distinct())}");
            plan = plan with { Only = [.. wanted.Distinct()], Without = [.. plan.Without.Except(wanted)] };
        }

        if (excluded.Count > 0)
        {
            changes.Add($"leaving out {Planner.Listed(excluded.Distinct())}");
            plan = plan with { Without = [.. plan.Without.Union(excluded)] };
        }

        return plan;
    }

    private static Plan HowMuch(Plan plan, List<string> said, List<string> changes)
    {
        if (said.Exists(Shorter.Contains))
        {
            changes.Add("shorter");
            return plan with { Statements = plan.Statements > Plan.FewStatements ? Plan.FewStatements : 1 };
        }

        if (said.Exists(Longer.Contains))
        {
            changes.Add("in more detail");
            return plan with { Statements = Plan.ManyStatements };
        }

        return plan;
    }

    private Plan What(Plan plan, List<string> words, List<string> said, List<string> changes)
    {
        string[] spent = [.. Small, .. Shorter, .. Longer, .. Excluding, .. Replacing, "everywhere", "anywhere", "every", "all"];
        var rest = words.Where((word, i) => !spent.Contains(said[i]) && !IsName(word));
        var fresh = Planner.KeywordsOf(string.Join(' ', rest)).Where(k => plan.Keywords.All(old => old.Stem != k.Stem)).ToList();
        if (fresh.Count == 0)
        {
            return plan;
        }

        var replaces = said.Exists(Replacing.Contains);
        changes.Add($"{(replaces ? "looking for" : "also looking for")} {Planner.Listed(fresh.Select(k => $"“{k.Word}”"))}{(replaces ? " instead" : "")}");

        // What somebody adds while the run works is what matters now, so it comes first.
        IReadOnlyList<Keyword> keywords = replaces ? fresh : [.. fresh, .. plan.Keywords];
        return plan with { Keywords = keywords, Relatives = planner.RelativesOf(keywords) };
    }

    private bool IsName(string word) =>
        (word.Contains('.') || word.Contains('/') || !Planner.KeywordsOf(word).Any(k => index.PassagesWith.ContainsKey(k.Stem)))
        && DocumentNames.Called(word, index.Documents).Count > 0;
}
