using System.Security.Cryptography;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using RealtimeHub.Core.Documents;

namespace RealtimeHub.Server.Identity.Development;

/// <summary>The development issuer's signing key (ES256): made at first use and kept, so that tokens survive a restart and every node takes them.</summary>
/// <remarks>It stands in for the discovery document that a real issuer would publish.</remarks>
internal sealed class DevelopmentKey(IDocumentStore documents) : IConfigurationManager<OpenIdConnectConfiguration>
{
    private const string DocumentKey = "identity.dev-issuer";

    private volatile ECDsaSecurityKey? loaded;

    /// <summary>The key; read or made once.</summary>
    public async ValueTask<ECDsaSecurityKey> GetAsync(CancellationToken cancellationToken) =>
        // Two first callers may both load it; they find the same document.
        loaded ??= await LoadAsync(cancellationToken);

    async Task<OpenIdConnectConfiguration> IConfigurationManager<OpenIdConnectConfiguration>.GetConfigurationAsync(CancellationToken cancel)
    {
        var configuration = new OpenIdConnectConfiguration { Issuer = DevelopmentIssuer.Name };
        configuration.SigningKeys.Add(await GetAsync(cancel));
        return configuration;
    }

    void IConfigurationManager<OpenIdConnectConfiguration>.RequestRefresh()
    {
        // There is one key for ever.
    }

    private async Task<ECDsaSecurityKey> LoadAsync(CancellationToken cancellationToken)
    {
        var stored = await documents.GetAsync(DocumentKey, cancellationToken);
        if (stored is null)
        {
            using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);

            // Only if there is none yet: of two nodes that start together, one makes the key for both.
            await documents.PutAsync(DocumentKey, fresh.ExportPkcs8PrivateKey(), expectedRevision: 0, cancellationToken);
            stored = await documents.GetAsync(DocumentKey, cancellationToken)
                ?? throw new InvalidOperationException("The development issuer's key vanished while it was made.");
        }

        var algorithm = ECDsa.Create();
        algorithm.ImportPkcs8PrivateKey(stored.Value.Span, out _);
        var key = new ECDsaSecurityKey(algorithm);
        key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        return key;
    }
}
