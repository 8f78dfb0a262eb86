using System.Collections.Immutable;
using RealtimeHub.Core.Projection;

namespace RealtimeHub.Core.Features.Lists;

/// <summary>A list as it is at one moment, newest activity first. Immutable.</summary>
internal sealed class ListSnapshot
{
    private static readonly IComparer<ListEntry> Order =
        Comparer<ListEntry>.Create((a, b) => ListPosition.Order.Compare(ListPosition.Of(a), ListPosition.Of(b)));

    private readonly ImmutableSortedSet<ListEntry> sorted;
    private readonly ImmutableDictionary<string, ListEntry> byKey;

    private ListSnapshot(ImmutableSortedSet<ListEntry> sorted, ImmutableDictionary<string, ListEntry> byKey) => (this.sorted, this.byKey) = (sorted, byKey);

    public int Count => sorted.Count;

    /// <summary>The entry of a document.</summary>
    public ListEntry? Find(string key) => byKey.GetValueOrDefault(key);

    /// <summary>The entries behind a place; from the top where there is none. The cost of beginning does not depend on what comes before.</summary>
    public IEnumerable<ListEntry> After(ListPosition? position)
    {
        for (var i = position is { } place ? IndexAfter(place) : 0; i < sorted.Count; i++)
        {
            yield return sorted[i];
        }
    }

    private int IndexAfter(ListPosition position)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ListPosition.Order.Compare(ListPosition.Of(sorted[middle]), position) > 0 ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>Makes the next snapshot.</summary>
    public sealed class Builder
    {
        private readonly ImmutableSortedSet<ListEntry>.Builder sorted = ImmutableSortedSet.CreateBuilder(Order);

        private readonly ImmutableDictionary<string, ListEntry>.Builder byKey = ImmutableDictionary.CreateBuilder<string, ListEntry>(StringComparer.Ordinal);

        /// <summary>Sets the entry of a document, or removes it.</summary>
        public void Set(string key, ListEntry? entry)
        {
            if (byKey.Remove(key, out var before))
            {
                sorted.Remove(before);
            }

            if (entry is not null)
            {
                byKey.Add(key, entry);
                sorted.Add(entry);
            }
        }

        /// <summary>What it is now; costs nothing where nothing changed.</summary>
        public ListSnapshot ToSnapshot() => new(sorted.ToImmutable(), byKey.ToImmutable());
    }
}
