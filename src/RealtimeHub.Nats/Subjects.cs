using System.Security.Cryptography;
using System.Text;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Nats;

/// <summary>The names that the deployment has in NATS. Ids have no dots and no wildcards, so nothing that a caller says reaches beyond its token.</summary>
internal sealed class Subjects(string prefix)
{
    private readonly string events = $"{prefix}.events.";

    /// <summary>The stream of all events.</summary>
    public string Stream { get; } = $"{prefix.ToUpperInvariant()}_EVENTS";

    /// <summary>The bucket of all documents.</summary>
    public string Bucket { get; } = $"{prefix.ToUpperInvariant()}_DOCUMENTS";

    /// <summary>The stream that the bucket is.</summary>
    public string BucketStream => $"KV_{Bucket}";

    /// <summary>Every document.</summary>
    public string AllDocuments => $"$KV.{Bucket}.>";

    /// <summary>Every event.</summary>
    public string AllEvents => $"{events}>";

    /// <summary>Every event of the stream lane.</summary>
    public string StreamLane => $"{events}*.*.*.{NameOf(Lane.Stream)}";

    /// <summary>A lane of a topic, and of no other: what it gives, <see cref="Parse"/> takes apart again.</summary>
    /// <exception cref="ArgumentException">A name in the topic is no id.</exception>
    public string Of(TopicKey topic, Lane lane)
    {
        LogArguments.Check(topic);
        return $"{events}{topic.Tenant}.{topic.Topic.KindName}.{topic.Topic.Id}.{NameOf(lane)}";
    }

    /// <summary>What a subject names; null for one that is no lane of a topic.</summary>
    public (TopicKey Topic, Lane Lane)? Parse(string subject)
    {
        if (!subject.StartsWith(events, StringComparison.Ordinal))
        {
            return null;
        }

        Span<Range> tokens = stackalloc Range[5];
        var rest = subject.AsSpan(events.Length);
        if (rest.Split(tokens, '.') != 4)
        {
            return null;
        }

        Lane? lane = rest[tokens[3]] switch { "state" => Lane.State, "stream" => Lane.Stream, _ => null };
        var tenant = rest[tokens[0]].ToString();
        return lane is not null && Ids.IsValid(tenant) && Topic.TryParse($"{rest[tokens[1]]}:{rest[tokens[2]]}", out var topic)
            ? (new TopicKey(tenant, topic), lane.Value)
            : null;
    }

    /// <summary>What JetStream knows an event by, whoever publishes it. Its ids are the stream's, and those of events are their topic's.</summary>
    public static string MessageId(TopicKey topic, string eventId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{topic.Tenant}\n{topic.Topic}\n{eventId}")));

    private static string NameOf(Lane lane) => lane == Lane.State ? "state" : "stream";
}
