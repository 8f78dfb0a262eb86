namespace RealtimeHub.Core.Documents;

/// <summary>What is done with documents in more than one place.</summary>
internal static class DocumentStoreExtensions
{
    /// <summary>Removes every document whose key begins with a prefix, one after the other.</summary>
    public static async ValueTask DeleteAllAsync(this IDocumentStore documents, string prefix, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (var document in documents.ListAsync(prefix, cancellationToken))
        {
            keys.Add(document.Key);
        }

        foreach (var key in keys)
        {
            await documents.DeleteAsync(key, expectedRevision: null, cancellationToken);
        }
    }
}
