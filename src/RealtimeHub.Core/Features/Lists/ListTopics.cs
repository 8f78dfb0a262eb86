using System.Text;
using System.Text.Json;
using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Lists;

internal abstract class ListValidator<TRequest> : AbstractValidator<TRequest>
    where TRequest : ListRequest
{
    protected ListValidator()
    {
        RuleFor(r => r.Limit).InclusiveBetween(1, 200).WithMessage("must be 1 to 200");
        RuleFor(r => r.After).Must(a => string.IsNullOrEmpty(a) || ListPosition.TryParse(a) is not null).WithMessage("must be the next of a page");
        RuleFor(r => r.Label).Must(l => l is null || l.Length is > 0 and <= 64 + 1 + 256).WithMessage("must be key or key=value");
    }
}

/// <summary>A page of the topics of one kind that the caller may see, newest activity first.</summary>
internal abstract class ListHandler<TRequest>(IDocumentStore documents, TopicKind kind) : UseCase<TRequest, ListPage>
    where TRequest : ListRequest
{
    private const int DefaultLimit = 50;

    public override async Task<Reply<ListPage>> Handle(Call<TRequest, ListPage> call, CancellationToken cancellationToken)
    {
        var request = call.Request;
        var limit = request.Limit ?? DefaultLimit;
        var after = string.IsNullOrEmpty(request.After) ? null : ListPosition.TryParse(request.After);
        var entries = new List<ListEntry>();
        await foreach (var document in documents.ListAsync(ListKeys.Prefix(call.Caller.Tenant, kind), cancellationToken))
        {
            var entry = JsonSerializer.Deserialize(document.Value.Span, ProjectionJsonContext.Default.ListEntry)!;
            if ((call.Caller.IsAdmin || entry.Readers.Any(call.Caller.Is)) && HasLabel(entry.Item, request.Label)
                && (after is null || ListPosition.Order.Compare(ListPosition.Of(entry), after) > 0))
            {
                entries.Add(entry);
            }
        }

        var page = entries.OrderBy(ListPosition.Of, ListPosition.Order).Take(limit).ToList();
        var next = entries.Count > limit ? ListPosition.Of(page[^1]).ToString() : null;
        return Reply<ListPage>.Success(new ListPage([.. page.Select(e => e.Item)], next));
    }

    private static bool HasLabel(JsonElement item, string? label)
    {
        if (label is null)
        {
            return true;
        }

        var parts = label.Split('=', 2);
        return item.TryGetProperty("labels"u8, out var labels) && labels.TryGetProperty(parts[0], out var value)
            && (parts.Length == 1 || value.ValueEquals(parts[1]));
    }
}

/// <summary>A place in a list: later times come first, and topics of the same time by name.</summary>
internal sealed record ListPosition(long Ticks, string Topic)
{
    /// <summary>As lists show it.</summary>
    public static IComparer<ListPosition> Order { get; } = Comparer<ListPosition>.Create((a, b) =>
        a.Ticks != b.Ticks ? b.Ticks.CompareTo(a.Ticks) : string.CompareOrdinal(a.Topic, b.Topic));

    public static ListPosition Of(ListEntry entry) => new(entry.UpdatedAt.UtcTicks, entry.Topic);

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else.</summary>
    public static ListPosition? TryParse(string? text)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text)).Split(' ', 2);
            return parts.Length == 2 && long.TryParse(parts[0], out var ticks) ? new ListPosition(ticks, parts[1]) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Ticks} {Topic}"));
}
