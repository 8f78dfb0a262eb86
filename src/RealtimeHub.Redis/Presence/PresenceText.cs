using System.Globalization;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Presence;
using StackExchange.Redis;

namespace RealtimeHub.Redis.Presence;

/// <summary>How presence is written in Redis. Ids hold neither blanks nor slashes nor colons.</summary>
internal static class PresenceText
{
    public static string Of(PresencePlace place) => place.Topic is { } topic ? $"{place.Tenant}/{topic}" : place.Tenant;

    public static string Of(Subject subject) => $"{(int)subject.Kind}:{subject.Id}";

    public static string Of(PresenceState state) => state switch
    {
        PresenceState.Typing => "typing",
        PresenceState.Active => "active",
        PresenceState.Away => "away",
        _ => "offline",
    };

    /// <summary>What a script answers: null, or place, subject, state and time.</summary>
    public static PresenceChange? ReadChange(RedisResult? result) =>
        result is { IsNull: false } && (RedisResult[]?)result is [var place, var subject, var state, var since]
            ? new PresenceChange(ReadPlace((string)place!), ReadItem((string)subject!, (string)state!, (string)since!))
            : null;

    /// <summary>What is seen of a subject: state and time.</summary>
    public static PresenceItem ReadSeen(HashEntry seen) =>
        ((string)seen.Value!).Split(' ') is [var state, var since] ? ReadItem((string)seen.Name!, state, since) : throw new FormatException();

    private static PresencePlace ReadPlace(string text) =>
        text.Split('/', 2) is [var tenant, var topic] ? new PresencePlace(tenant, Topic.Parse(topic)) : new PresencePlace(text, Topic: null);

    private static PresenceItem ReadItem(string subject, string state, string since)
    {
        var parts = subject.Split(':', 2);
        return new PresenceItem(
            new Subject((SubjectKind)int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]),
            state switch
            {
                "typing" => PresenceState.Typing,
                "active" => PresenceState.Active,
                "away" => PresenceState.Away,
                _ => PresenceState.Offline,
            },
            DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(since, CultureInfo.InvariantCulture)));
    }
}
