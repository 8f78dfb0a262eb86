using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Permissions;

/// <summary>Somebody who asks: how they stand to conversation <c>talk</c> and agent <c>writer</c> of the world, and what their token carries.</summary>
/// <param name="Name">As the world knows them.</param>
/// <param name="Scopes">Of their token.</param>
internal sealed record Who(string Name, IReadOnlyList<string> Scopes)
{
    /// <summary>What the world calls somebody with this token.</summary>
    public string Called => Scopes is [var only] ? $"{Name}+{only}" : Name;

    public bool IsElsewhere => Name.EndsWith("@elsewhere", StringComparison.Ordinal);

    public bool IsAdmin => Scopes.Contains(Contracts.Scopes.Admin);

    /// <summary>Whether the token speaks for the writer, which has an unfinished run in the conversation.</summary>
    public bool IsRuntime => Name.StartsWith("wren", StringComparison.Ordinal);

    /// <summary>What the protocol lets them do in the conversation.</summary>
    public Permission? OnTalk => this switch
    {
        { IsElsewhere: true } => null,
        { IsAdmin: true } or { Name: "olga" } => Permission.Own,
        { Name: "mia" } => Permission.Operate,
        { Name: "otto" or "wren" } => Permission.View,
        _ => null,
    };

    /// <summary>What the protocol lets them do with the agent.</summary>
    public Permission? OnWriter => this switch
    {
        { IsElsewhere: true } => null,
        { IsAdmin: true } => Permission.Own,
        { Name: "olga" or "mia" or "wren" } => Permission.Operate,
        { Name: "otto" } => Permission.View,
        _ => null,
    };

    public bool Has(string? scope) => scope is null || IsAdmin || Scopes.Contains(scope);

    /// <summary>Whether the token may read topics of a kind: an agent's publishing scope does, too.</summary>
    public bool Reads(string scope) => Has(scope) || (IsRuntime && Has(Contracts.Scopes.EventsPublish));

    public override string ToString() => $"{Name} with {string.Join(' ', Scopes)}";
}

/// <summary>What a request type takes, said once more and in the protocol's words, so that the code's own declarations are checked against it.</summary>
/// <param name="Request">The request type.</param>
/// <param name="Scope">The scope; null where none is needed, or the topic says which.</param>
/// <param name="Answer">What becomes of the valid request of the parity table once the scope is there.</param>
internal sealed record MatrixRow(Type Request, string? Scope, Func<Who, string> Answer)
{
    /// <summary>The code, or for a subscription its status.</summary>
    public string CodeFor(Who who) => who.Has(Scope) ? Answer(who) : "forbidden";

    public static string Needs(Permission? held, Permission least) => held is null ? "not_found" : held < least ? "forbidden" : "ok";

    /// <summary>The first that is not ok.</summary>
    public static string All(params string[] answers) => answers.FirstOrDefault(a => a != "ok") ?? "ok";

    /// <summary>Reading the conversation.</summary>
    public static string ReadsTalk(Who who) => who.Reads(Scopes.ConversationsRead) ? Needs(who.OnTalk, Permission.View) : "forbidden";
}
