using System.Globalization;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>The options of a run, <c>--name value</c>; what is not given has the scenario's default.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    /// <summary>Reads options.</summary>
    /// <exception cref="FormatException">It is not a list of options.</exception>
    public static Arguments Parse(ReadOnlySpan<string> args)
    {
        var arguments = new Arguments();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length)
            {
                throw new FormatException($"'{args[i]}' is no option with a value.");
            }

            arguments.values[args[i][2..]] = args[i + 1];
        }

        return arguments;
    }

    /// <summary>Options that no scenario asked for.</summary>
    public IEnumerable<string> Unknown => values.Keys.Except(asked);

    public int Int(string name, int otherwise) => Text(name) is { } value ? int.Parse(value) : otherwise;

    public double Number(string name, double otherwise) =>
        Text(name) is { } value ? double.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    public string? Text(string name)
    {
        asked.Add(name);
        return values.GetValueOrDefault(name);
    }
}
