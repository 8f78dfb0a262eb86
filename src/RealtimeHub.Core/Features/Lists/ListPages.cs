using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Lists;

/// <summary>Cuts pages out of a list.</summary>
internal static class ListPages
{
    private const int DefaultLimit = 50;

    /// <summary>The next entries that fit, newest activity first. Looks at no entry before the page, and at those after it only until it is full.</summary>
    /// <remarks>
    /// An entry that moves goes to the top: it is on no page after the one that it was on, and pages that are read in order show none twice and
    /// miss none that did not move.
    /// </remarks>
    public static ListPage Take(ListSnapshot entries, ListRequest request, Func<ListEntry, bool> fits)
    {
        var limit = request.Limit ?? DefaultLimit;
        var after = ListPosition.TryParse(request.After);
        var page = new List<ListEntry>(limit);
        foreach (var entry in entries.After(after))
        {
            if (!fits(entry))
            {
                continue;
            }

            if (page.Count == limit)
            {
                return new ListPage([.. page.Select(e => e.Item)], ListPosition.Of(page[^1]).ToString());
            }

            page.Add(entry);
        }

        return new ListPage([.. page.Select(e => e.Item)]);
    }

    /// <summary>Whether the caller may know of a topic.</summary>
    public static bool MaySee(Caller caller, ListEntry topic) => caller.IsAdmin || topic.Readers.Any(caller.Is);

    /// <summary>Whether an item has the label <c>key</c> or <c>key=value</c>; everything has none.</summary>
    public static bool HasLabel(JsonElement item, string? label)
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
