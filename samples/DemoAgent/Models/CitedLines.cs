using System.Globalization;
using System.Text.RegularExpressions;
using RealtimeHub.DemoAgent.Answering;
using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.DemoAgent.Models;

/// <summary>Finds the citations in a model's answer and keeps those whose lines exist: a model may make some up.</summary>
internal static partial class CitedLines
{
    public static IReadOnlyList<Citation> In(string answer, IReadOnlyList<Document> documents)
    {
        var citations = new List<Citation>();
        foreach (Match match in Reference().Matches(answer))
        {
            var first = int.Parse(match.Groups["first"].ValueSpan, CultureInfo.InvariantCulture);
            var last = match.Groups["last"].Success ? int.Parse(match.Groups["last"].ValueSpan, CultureInfo.InvariantCulture) : first;
            var document = documents.FirstOrDefault(d => d.Path == match.Groups["file"].Value);
            if (document is not null && first >= 1 && first <= last && last <= document.Lines.Count)
            {
                var quote = Citation.Flat(document.Lines.Skip(first - 1).Take(last - first + 1));
                citations.Add(new Citation(document.Path, first, last, quote));
            }
        }

        return [.. citations.Distinct()];
    }

    [GeneratedRegex(@"(?<file>[\w./-]+\.\w+):(?<first>\d{1,6})(?:[-–](?<last>\d{1,6}))?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
