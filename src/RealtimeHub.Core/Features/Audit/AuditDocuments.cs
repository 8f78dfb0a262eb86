using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Audit;

/// <summary>Audit records as they are kept, which is as they are shown.</summary>
internal static class AuditDocuments
{
    /// <summary>The outcome of what succeeded.</summary>
    public const string Ok = "ok";

    /// <summary>The surface of what the service says of itself.</summary>
    public const string NoSurface = "none";

    public static byte[] Write(IReadOnlyList<AuditItem> items) =>
        JsonSerializer.SerializeToUtf8Bytes(items, ContractsJson.WireType<IReadOnlyList<AuditItem>>());

    public static IReadOnlyList<AuditItem> Read(ReadOnlySpan<byte> document) =>
        JsonSerializer.Deserialize(document, ContractsJson.WireType<IReadOnlyList<AuditItem>>())!;

    public static AuditItem ItemOf(AuditRecord record) => new(
        record.Time, record.Actor, record.Request, NameOf(record.Surface.ToString()), NameOf(record.Outcome.ToString()), record.Topic, record.CorrelationId);

    /// <summary>A name of ours as the wire writes it: <c>OperatorHub</c> becomes <c>operator_hub</c>.</summary>
    public static string NameOf(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
