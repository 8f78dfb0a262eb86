using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>A word of the question that the search goes by.</summary>
internal sealed record Keyword(string Word, string Stem);

/// <summary>What a run looks for, where, and how much it says. Steering makes a new plan of an old one.</summary>
internal sealed record Plan
{
    public const int DefaultStatements = 5;
    public const int FewStatements = 2;
    public const int ManyStatements = 9;

    public required string Question { get; init; }

    public required IReadOnlyList<Keyword> Keywords { get; init; }

    /// <summary>Words of the documents that stand in for words of the question.</summary>
    public IReadOnlyList<Relative> Relatives { get; init; } = [];

    /// <summary>Only these documents; null for all.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    /// <summary>None of these documents.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    public int Statements { get; init; } = DefaultStatements;

    /// <summary>What steering changed, in the order in which it came.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>What to search by: the question's own words in full, those that stand in for them for less.</summary>
    public IReadOnlyList<WeightedTerm> Terms =>
    [
        .. Keywords.Select(k => new WeightedTerm(k.Stem, 1)),
        .. Relatives.Where(r => Keywords.All(k => k.Stem != r.Stem)).Select(r => new WeightedTerm(r.Stem, 0.35)),
    ];

    public bool Admits(Document document) =>
        (Only is null || Only.Contains(document.Path)) && !Without.Contains(document.Path);
}
