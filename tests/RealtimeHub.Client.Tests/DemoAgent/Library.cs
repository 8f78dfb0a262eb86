using RealtimeHub.DemoAgent.Documents;

namespace RealtimeHub.Client.Tests.DemoAgent;

/// <summary>A few documents whose lines are known, and the real ones of this repository.</summary>
internal static class Library
{
    public static IReadOnlyList<Document> Small { get; } =
    [
        Written("README.md", """
            # Post office

            A post office delivers letters. Every letter has a stamp.

            ## Opening hours

            It opens at nine. On Sundays it is closed, and
            parcels wait until Monday.
            """),
        Written("docs/parcels.md", """
            # Parcels

            - A parcel weighs at most 20 kg.
            - A parcel that nobody collects is returned after
              fourteen days. The sender pays for that.

            | size | price |
            | --- | --- |
            | small | 4 coins for a parcel up to 2 kg |
            | large | 9 coins, and a signature is needed |

            ```sh
            parcel send --size small

            parcel track 17
            ```
            """),
        Written("docs/letters.md", """
            # Letters

            Letters are sorted by street. A letter without a stamp is returned.
            The sorting machine resumes where it stopped after a power cut.
            """),
    ];

    /// <summary>The documentation that stands in this repository at the moment.</summary>
    public static IReadOnlyList<Document> Repository { get; } = DocumentFolder.Open(null, AppContext.BaseDirectory).Read();

    public static Document Written(string path, string text) => new(path, text.Split('\n'));
}
