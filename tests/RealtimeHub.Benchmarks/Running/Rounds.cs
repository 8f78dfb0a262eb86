namespace RealtimeHub.Benchmarks.Running;

/// <summary>Measures in turn, A B C A B C, so that whatever else the machine does meets all of them.</summary>
internal static class Rounds
{
    /// <summary>Measures each subject once to warm up and then as often as asked; returns what the measured rounds gave.</summary>
    public static async Task<Dictionary<TSubject, List<TResult>>> InterleaveAsync<TSubject, TResult>(
        IReadOnlyList<TSubject> subjects, int rounds, Func<TSubject, Task<TResult>> measure)
        where TSubject : notnull
    {
        var results = subjects.ToDictionary(s => s, _ => new List<TResult>());
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var subject in subjects)
            {
                var result = await measure(subject);
                if (round > 0)
                {
                    results[subject].Add(result);
                }

                await Console.Error.WriteLineAsync($"  round {round}: {subject}: {result}");
            }
        }

        return results;
    }

    /// <summary>The median of a figure.</summary>
    public static double Median<T>(this IEnumerable<T> results, Func<T, double> figure)
    {
        var sorted = results.Select(figure).Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
