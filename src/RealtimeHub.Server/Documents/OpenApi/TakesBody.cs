namespace RealtimeHub.Server.Documents.OpenApi;

/// <summary>Metadata of a route that binds its body by hand: what to describe. The framework's own metadata would also refuse calls by it.</summary>
/// <param name="Type">What the body binds to.</param>
/// <param name="MediaTypes">What it may be sent as; JSON when nothing is said.</param>
internal sealed record TakesBody(Type Type, params string[] MediaTypes);
