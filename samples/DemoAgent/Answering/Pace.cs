using System.Text.RegularExpressions;
using RealtimeHub.Client;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>Writes a text token by token, about as fast as a model would; a rate of zero writes without waiting.</summary>
internal sealed partial class Pace(double tokensPerSecond, TimeProvider time)
{
    // A word with the space before it, a piece of a long word, or a run of signs.
    private const int LongestToken = 12;

    public long Written { get; private set; }

    /// <summary>Called after each token.</summary>
    public Func<CancellationToken, Task>? AfterToken { get; set; }

    public async Task WriteAsync(StreamedText to, string text, CancellationToken cancellationToken, double times = 1)
    {
        foreach (var token in Tokens(text))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await to.AppendAsync(token, cancellationToken);
            Written++;
            await (AfterToken?.Invoke(cancellationToken) ?? Task.CompletedTask);
            if (tokensPerSecond > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(1 / (tokensPerSecond * times)), time, cancellationToken);
            }
        }
    }

    public static IEnumerable<string> Tokens(string text)
    {
        foreach (Match match in Token().Matches(text))
        {
            for (var at = 0; at < match.Length; at += LongestToken)
            {
                yield return match.Value.Substring(at, Math.Min(LongestToken, match.Length - at));
            }
        }
    }

    [GeneratedRegex(@"\s*(?:\w+|[^\w\s]+|$)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();
}
