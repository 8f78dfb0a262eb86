using System.Globalization;

namespace RealtimeHub.Benchmarks.Reporting;

/// <summary>A table in Markdown.</summary>
internal sealed class Table(params string[] head)
{
    private readonly List<string[]> rows = [];

    public void Add(params string[] cells) => rows.Add(cells);

    public override string ToString() =>
        $"| {string.Join(" | ", head)} |\n|{string.Concat(head.Select((_, i) => i == 0 ? " --- |" : " ---: |"))}\n"
        + string.Concat(rows.Select(r => $"| {string.Join(" | ", r)} |\n"));

    /// <summary>A number with as many digits as say something.</summary>
    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "never",
        double.NaN => "-",
        _ when Math.Abs(value) >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        _ when Math.Abs(value) >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00", CultureInfo.InvariantCulture),
    };

    /// <summary>A share in percent.</summary>
    public static string Share(double value) => value.ToString("0 %", CultureInfo.InvariantCulture);

    /// <summary>How many times as much.</summary>
    public static string Ratio(double value, double other) => other is 0 or double.NaN ? "-" : $"{Number(value / other)}x";
}
