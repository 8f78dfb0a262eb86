using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;

namespace RealtimeHub.Core.Features.Audit;

/// <summary>Which records are asked for.</summary>
internal sealed record AuditFilter(string? Topic, Subject? Actor, AuditPosition? After)
{
    public bool Passes(AuditItem item, AuditPosition position) =>
        (Topic is null || item.Topic == Topic) && (Actor is null || item.Actor == Actor)
        && (After is null || AuditPosition.Order.Compare(position, After) > 0);
}

/// <summary>The subject of a query: <c>{kind}:{id}</c>.</summary>
internal static class ActorFilter
{
    /// <summary>The subject; null for what is none, or cannot act.</summary>
    public static Subject? TryParse(string? text)
    {
        var parts = text?.Split(':', 2) ?? [];
        SubjectKind? kind = parts[..Math.Min(1, parts.Length)] switch
        {
            ["user"] => SubjectKind.User,
            ["agent"] => SubjectKind.Agent,
            ["device"] => SubjectKind.Device,
            ["system"] => SubjectKind.System,
            _ => null,
        };
        return kind is not null && parts.Length == 2 && Ids.IsValid(parts[1]) ? new Subject(kind.Value, parts[1]) : null;
    }
}

/// <summary>The newest of many records, without the others in memory.</summary>
internal sealed class NewestItems(int most)
{
    private readonly SortedSet<(AuditPosition Position, AuditItem Item)> items = new(
        Comparer<(AuditPosition Position, AuditItem Item)>.Create((a, b) => AuditPosition.Order.Compare(a.Position, b.Position)));

    /// <summary>Newest first.</summary>
    public IEnumerable<(AuditPosition Position, AuditItem Item)> InOrder => items;

    /// <summary>Looks through a document. A record that stands in two is taken once.</summary>
    public void Add(Document document, AuditFilter filter)
    {
        var name = document.Key[(document.Key.LastIndexOf('.') + 1)..];
        var records = AuditDocuments.Read(document.Value.Span);
        for (var i = 0; i < records.Count; i++)
        {
            var position = AuditPosition.Of(records[i], name, i);
            if (filter.Passes(records[i], position) && items.Add((position, records[i])) && items.Count > most)
            {
                items.Remove(items.Max);
            }
        }
    }
}
