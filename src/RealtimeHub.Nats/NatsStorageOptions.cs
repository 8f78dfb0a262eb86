namespace RealtimeHub.Nats;

/// <summary>Where NATS is, and how events and documents are kept there.</summary>
public sealed class NatsStorageOptions
{
    /// <summary>Servers, with commas between: <c>nats://host:4222</c>, <c>tls://…</c>.</summary>
    public string Url { get; set; } = "nats://127.0.0.1:4222";

    /// <summary>Begins every subject, and in capitals the name of the stream and of the bucket: deployments that share a server have different ones.</summary>
    public string Prefix { get; set; } = "rth";

    /// <summary>On how many servers everything is kept: 1, 3 or 5.</summary>
    public int Replicas { get; set; } = 1;

    /// <summary>How long JetStream knows a message by its id; at least 10 minutes.</summary>
    public TimeSpan DuplicateWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A file with credentials (JWT and seed); null: none.</summary>
    public string? CredsFile { get; set; }

    /// <summary>User name; null: none.</summary>
    public string? Username { get; set; }

    /// <summary>Password of <see cref="Username"/>.</summary>
    public string? Password { get; set; }

    /// <summary>A token instead of a user; null: none.</summary>
    public string? Token { get; set; }

    /// <summary>A file with the certificates of authorities that the server's certificate may come from; null: those of the machine.</summary>
    public string? TlsCaFile { get; set; }

    /// <summary>A file with a certificate to show to the server; null: none.</summary>
    public string? TlsCertificateFile { get; set; }

    /// <summary>The private key of <see cref="TlsCertificateFile"/>.</summary>
    public string? TlsKeyFile { get; set; }

    /// <summary>How long a request may take, its repetitions included.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Who was cut off for longer begins anew: of documents that were deleted meanwhile nothing may be left. Half of what it stays for.</summary>
    internal TimeSpan LongestGap { get; set; } = Documents.MarkerRemover.KeptFor / 2;
}
