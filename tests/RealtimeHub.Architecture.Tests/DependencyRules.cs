using System.Reflection;

namespace RealtimeHub.Architecture.Tests;

/// <summary>Who may know whom. A rule is a name and a question that an assembly answers with what breaks it.</summary>
internal static class DependencyRules
{
    /// <summary>Contracts is the wire and nothing else.</summary>
    public static IEnumerable<string> BreachesOfContracts(Assembly assembly) =>
        References(assembly).Where(r => !r.StartsWith("System.", StringComparison.Ordinal));

    /// <summary>Core is behaviour: it knows no transport and no store.</summary>
    public static IEnumerable<string> BreachesOfCore(Assembly assembly) =>
        References(assembly).Where(r => Begins(r, "Microsoft.AspNetCore", "Microsoft.Data", "NATS", "StackExchange", "RealtimeHub")
            && r != "RealtimeHub.Contracts");

    /// <summary>A backend knows Core, and no other backend.</summary>
    public static IEnumerable<string> BreachesOfBackend(Assembly assembly) =>
        References(assembly).Where(r => Begins(r, "Microsoft.AspNetCore")
            || (Begins(r, "RealtimeHub") && r is not ("RealtimeHub.Contracts" or "RealtimeHub.Core")));

    /// <summary>The backplane is SignalR's, so it may know that; and no store.</summary>
    public static IEnumerable<string> BreachesOfBackplane(Assembly assembly) =>
        References(assembly).Where(r => Begins(r, "Microsoft.Data", "NATS")
            || (Begins(r, "RealtimeHub") && r is not ("RealtimeHub.Contracts" or "RealtimeHub.Core")));

    /// <summary>The client knows the contracts alone.</summary>
    public static IEnumerable<string> BreachesOfClient(Assembly assembly) =>
        References(assembly).Where(r => Begins(r, "RealtimeHub", "MediatR", "FluentValidation") && r != "RealtimeHub.Contracts");

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(n => n.Name!);

    private static bool Begins(string name, params string[] prefixes) => prefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal));
}
