using System.Security.Cryptography;
using System.Text;
using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Pipeline;

/// <summary>The ids that the server makes for one request.</summary>
/// <remarks>
/// What a keyed request makes derives from the id of its event, which its topic remembers with the key: a repetition finds the event, and with
/// it all the other ids. Twins need not make the same ones, as one of two that are decided on the same state is overtaken and finds the
/// other's. A key that is used again after it was forgotten stands for another event, and so for other ids; whether the log still knows the
/// first ones does not matter. Only a topic that a request makes derives from the key itself, as nothing could be looked up elsewhere.
/// </remarks>
public sealed class RequestIds
{
    private readonly Dictionary<string, string> made = new(StringComparer.Ordinal);
    private readonly DateTimeOffset now;
    private int generation;

    private RequestIds(DateTimeOffset now, string? keyHash, string? bodyHash)
    {
        this.now = now;
        KeyHash = keyHash;
        BodyHash = bodyHash;
        Event = Contracts.Ids.New(now);
    }

    /// <summary>Hash of (tenant, subject, request type, key); null without a key.</summary>
    public string? KeyHash { get; }

    /// <summary>Hash of the request's members after binding; null without a key.</summary>
    public string? BodyHash { get; }

    /// <summary>The id of the event that the request appends, or that an earlier request with its key appended.</summary>
    public string Event { get; private set; }

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
    internal void Renew()
    {
        generation++;
        made.Clear();
        Event = Contracts.Ids.New(now);
    }

    /// <summary>Makes the ids again that an earlier request with the key made for its event.</summary>
    internal void ReturnTo(string eventId) => Event = eventId;

    /// <summary>The id for one purpose; the same until it is found to be taken.</summary>
    public string For(string purpose) => KeyHash is null ? MadeOnce(purpose) : Hash($"{Event}\n{purpose}");

    /// <summary>The id of a topic that the request makes: with a key the same at each call, until it is found to be taken.</summary>
    public string ForTopic(string purpose) => KeyHash is null ? MadeOnce(purpose) : Hash($"{KeyHash}\n{purpose}\n{generation}");

    private string MadeOnce(string purpose)
    {
        if (!made.TryGetValue(purpose, out var id))
        {
            made[purpose] = id = Contracts.Ids.New(now);
        }

        return id;
    }

    // 128 bits: collisions do not happen, and the id is as long as a UUID without dashes.
    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
