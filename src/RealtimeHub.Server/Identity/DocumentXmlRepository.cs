using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Documents;

namespace RealtimeHub.Server.Identity;

/// <summary>Keeps the Data Protection key ring in the document store, so that every node shares it and it survives a restart.</summary>
/// <remarks>
/// The interface is synchronous: the framework calls it once at start and about once a day after that, never on the way of a
/// request that could otherwise go on, so waiting for the store here costs nobody anything.
/// </remarks>
internal sealed class DocumentXmlRepository(IDocumentStore documents) : IXmlRepository
{
    private const string Prefix = "identity.keyring.";

    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. documents.ListAsync(Prefix, CancellationToken.None).ToBlockingEnumerable().Select(d => XElement.Parse(Encoding.UTF8.GetString(d.Value.Span)))];

    public void StoreElement(XElement element, string friendlyName)
    {
        var name = Ids.IsValid(friendlyName) ? friendlyName : Ids.New(TimeProvider.System.GetUtcNow());
        var bytes = Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting));
#pragma warning disable RS0030 // the interface is synchronous, see above
        documents.PutAsync(Prefix + name, bytes, expectedRevision: null, CancellationToken.None).AsTask().GetAwaiter().GetResult();
#pragma warning restore RS0030
    }
}
