using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Log;

/// <summary>An event about to be appended.</summary>
/// <param name="Id">Unique in its topic.</param>
/// <param name="Lane">The lane of its type.</param>
/// <param name="Body">The event as clients will see it but for its sequence: a JSON object in UTF-8 that begins with <c>{"id":</c>.</param>
/// <param name="Meta">What clients never see.</param>
public sealed record NewEvent(string Id, Lane Lane, ReadOnlyMemory<byte> Body, EventMeta? Meta = null);

/// <summary>What is stored beside an event and never shown to clients.</summary>
/// <param name="KeyHash">Hash of (tenant, subject, request type, idempotency key) of the request that made it.</param>
/// <param name="BodyHash">Hash of that request's members.</param>
/// <param name="Surface">The transport that the request came over.</param>
/// <param name="CorrelationId">What ties it to the logs.</param>
/// <param name="Request">The request type.</param>
public sealed record EventMeta(
    string? KeyHash = null, string? BodyHash = null, string? Surface = null, string? CorrelationId = null, string? Request = null);
