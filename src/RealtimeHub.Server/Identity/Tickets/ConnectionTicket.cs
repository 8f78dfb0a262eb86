using System.Text.Json.Serialization;

namespace RealtimeHub.Server.Identity.Tickets;

/// <summary>What a connection ticket says. It travels encrypted and signed, and is as short as can be: browsers put it into a URL.</summary>
/// <param name="Id">Tells tickets apart: a connection belongs to the ticket that it was opened with.</param>
/// <param name="Hub">The path of the hub that it opens.</param>
/// <param name="OpensUntil">Until when it opens connections, in milliseconds since 1970.</param>
/// <param name="EndsAt">When the token that it was made for ends, in milliseconds since 1970.</param>
/// <param name="Claims">That token's <see cref="CallerClaims"/>.</param>
internal sealed record ConnectionTicket(
    [property: JsonPropertyName("i")] string Id,
    [property: JsonPropertyName("h")] string Hub,
    [property: JsonPropertyName("o")] long OpensUntil,
    [property: JsonPropertyName("e")] long EndsAt,
    [property: JsonPropertyName("c")] Dictionary<string, string[]> Claims);

[JsonSerializable(typeof(ConnectionTicket))]
internal sealed partial class ConnectionTicketJson : JsonSerializerContext;
