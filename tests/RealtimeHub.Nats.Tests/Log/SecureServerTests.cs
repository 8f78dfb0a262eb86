using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RealtimeHub.Core.Log;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.Specification;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests.Log;

/// <summary>A server that wants credentials, and one that wants TLS with certificates on both sides.</summary>
public sealed class SecureServerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("realtimehub-nats-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task CredentialsFile_IsTaken_AndWithoutItTheLogIsUnavailable()
    {
        var credentials = new Credentials();
        await using var server = await NatsServer.StartAsync(folder, "-c", Keep("server.conf", credentials.ServerConfiguration));

        await AppendsAsync(new NatsStorageOptions { Url = server.Url, CredsFile = Keep("user.creds", credentials.File) });

        await RefusedAsync(new NatsStorageOptions { Url = server.Url });
        await RefusedAsync(new NatsStorageOptions { Url = server.Url, CredsFile = Keep("stranger.creds", new Credentials().File) });
    }

    [Fact]
    public async Task Tls_WithCertificatesOnBothSides_IsTaken_AndAnAuthorityThatIsNotKnownIsNot()
    {
        var (authority, server, client) = (NewAuthority(), NewPair("server"), NewPair("client"));
        await using var process = await NatsServer.StartAsync(folder, "-c", Keep("server.conf", $$"""
            tls { cert_file: "{{server.Certificate}}", key_file: "{{server.Key}}", ca_file: "{{authority}}", verify: true }
            """));
        var url = process.Url.Replace("nats://", "tls://", StringComparison.Ordinal);

        await AppendsAsync(new NatsStorageOptions { Url = url, TlsCaFile = authority, TlsCertificateFile = client.Certificate, TlsKeyFile = client.Key });

        await RefusedAsync(new NatsStorageOptions { Url = url, TlsCertificateFile = client.Certificate, TlsKeyFile = client.Key });
        await RefusedAsync(new NatsStorageOptions { Url = url, TlsCaFile = authority });
    }

    private static async Task AppendsAsync(NatsStorageOptions options)
    {
        await using var deployment = new Deployment(options);
        (await deployment.Log.AppendAsync(TestEvents.Topic(), [TestEvents.State("one")], null, Token)).Status.Should().Be(AppendStatus.Stored);
    }

    private static async Task RefusedAsync(NatsStorageOptions options)
    {
        await using var backbone = new NatsBackbone(options, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await FluentActions.Awaiting(async () => await backbone.GetStreamAsync(Token)).Should().ThrowAsync<LogUnavailableException>();
    }

    private string Keep(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private X509Certificate2? issuer;

    private string NewAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        issuer = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        return Keep("authority.pem", issuer.ExportCertificatePem());
    }

    private (string Certificate, string Key) NewPair(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(issuer!, Now.AddDays(-1), Now.AddHours(12), RandomNumberGenerator.GetBytes(8));
        return (Keep($"{name}.pem", certificate.ExportCertificatePem()), Keep($"{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
