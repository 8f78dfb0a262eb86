using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace RealtimeHub.Server.Identity.Tickets;

/// <summary>Makes and reads connection tickets, so that no long-lived token is ever put into a URL.</summary>
internal sealed class ConnectionTickets(IDataProtectionProvider protection, IdentityOptions options, TimeProvider time)
{
    /// <summary>How long a ticket opens connections: the time between two requests of one client, with room for a slow network.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private readonly IDataProtector protector = protection.CreateProtector("RealtimeHub.ConnectionTicket.v1");
    private readonly string[] claims = [.. CallerClaims.All(options)];

    /// <summary>A ticket for one hub and for whoever <paramref name="principal"/> is.</summary>
    /// <param name="principal">Whose.</param>
    /// <param name="hub">The path of the hub.</param>
    /// <param name="tokenEndsAt">When the token that was authenticated with ends.</param>
    public string Issue(ClaimsPrincipal principal, string hub, DateTimeOffset tokenEndsAt)
    {
        var ticket = new ConnectionTicket(
            Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            hub,
            (time.GetUtcNow() + Lifetime).ToUnixTimeMilliseconds(),
            tokenEndsAt.ToUnixTimeMilliseconds(),
            principal.Claims.Where(c => claims.Contains(c.Type)).GroupBy(c => c.Type).ToDictionary(g => g.Key, g => g.Select(c => c.Value).ToArray()));
        var bytes = JsonSerializer.SerializeToUtf8Bytes(ticket, ConnectionTicketJson.Default.ConnectionTicket);
        return Base64Url.EncodeToString(protector.Protect(bytes));
    }

    /// <summary>What a ticket of ours says, whether or not it is still good; null for anything else.</summary>
    public ConnectionTicket? Read(string text)
    {
        try
        {
            var bytes = protector.Unprotect(Base64Url.DecodeFromChars(text));
            return JsonSerializer.Deserialize(bytes, ConnectionTicketJson.Default.ConnectionTicket);
        }
        catch (Exception failure) when (failure is CryptographicException or FormatException or JsonException)
        {
            return null;
        }
    }
}
