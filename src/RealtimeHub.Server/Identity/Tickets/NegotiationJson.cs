using System.Text.Json.Serialization;

namespace RealtimeHub.Server.Identity.Tickets;

/// <summary>A negotiation's answer that sends the client elsewhere, with another token.</summary>
internal sealed record NegotiationRedirect(string Url, string AccessToken);

/// <summary>What we need of SignalR's own answer.</summary>
internal sealed record NegotiatedConnection(string? ConnectionToken, string? ConnectionId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NegotiationRedirect))]
[JsonSerializable(typeof(NegotiatedConnection))]
internal sealed partial class NegotiationJson : JsonSerializerContext;
