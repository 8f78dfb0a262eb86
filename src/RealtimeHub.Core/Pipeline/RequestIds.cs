using System.Security.Cryptography;
using System.Text;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>The ids that the server makes for one request.</summary>
/// <remarks>
/// Without a key they are new. With a key they derive from (tenant, subject, request type, key), so that a repetition, and a twin that
/// runs at the same time on another node, makes the very same ids and finds its own event in the log. A key that is used again after it was
/// forgotten makes the next generation of ids: the log may know the first ones longer.
/// </remarks>
public sealed class RequestIds
{
    // One a day: nobody uses a key for longer than three years.
    private const int MaxGenerations = 1000;

    private readonly Dictionary<string, string> made = new(StringComparer.Ordinal);
    private readonly DateTimeOffset now;
    private int generation;

    private RequestIds(DateTimeOffset now, string? keyHash, string? bodyHash)
    {
        this.now = now;
        KeyHash = keyHash;
        BodyHash = bodyHash;
    }

    /// <summary>Hash of (tenant, subject, request type, key); null without a key.</summary>
    public string? KeyHash { get; }

    /// <summary>Hash of the request's members after binding; null without a key.</summary>
    public string? BodyHash { get; }

    /// <summary>The id of the event that the request appends.</summary>
    public string Event => For("event");

    /// <summary>The ids of one request.</summary>
    public static RequestIds Of(Caller caller, object request, DateTimeOffset now)
    {
        if (request is not IKeyedRequest { IdempotencyKey: { } key })
        {
            return new RequestIds(now, keyHash: null, bodyHash: null);
        }

        var scope = $"{caller.Tenant}\n{caller.Subject.Kind}:{caller.Subject.Id}\n{request.GetType().Name}\n{key}";
        return new RequestIds(now, Hash(scope), RequestHash.Of(request));
    }

    /// <summary>Makes other ids: these are taken.</summary>
    internal void Renew() => StartGeneration(generation + 1);

    /// <summary>Makes the ids again that an earlier request with the key made, one of which is its event's.</summary>
    internal void ReturnTo(string eventId)
    {
        for (var g = 0; g < MaxGenerations && Event != eventId; g++)
        {
            StartGeneration(g);
        }
    }

    /// <summary>The id for one purpose; the same until it is found to be taken.</summary>
    public string For(string purpose)
    {
        if (!made.TryGetValue(purpose, out var id))
        {
            made[purpose] = id = KeyHash is null ? Contracts.Ids.New(now) : Hash($"{KeyHash}\n{purpose}{(generation == 0 ? "" : $"\n{generation}")}");
        }

        return id;
    }

    private void StartGeneration(int next)
    {
        generation = next;
        made.Clear();
    }

    // 128 bits: collisions do not happen, and the id is as long as a UUID without dashes.
    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
