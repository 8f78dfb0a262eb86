namespace RealtimeHub.EndToEnd.Tests.Harness;

/// <summary>What the agent answers from, so that the answers are known. None of it is Markdown, but for the headings.</summary>
internal static class Documents
{
    public const string Question = "When does the tide rise in the harbour?";

    /// <summary>Stands on the third line of <c>harbour.md</c>, and nowhere else.</summary>
    public const string Answer = "The tide in the harbour rises twice a day, at six in the morning and at six in the evening";

    public static void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "harbour.md"), $"""
            # The harbour

            {Answer}, and every boat that lies at the long quay is lifted by about four metres within the hour that follows.

            When the harbour is closed because of a storm, the tide still rises, and the harbour master keeps the inner gate shut until the water has gone down again.

            A visitor who sails into the harbour with the tide ties up at the western quay and reports to the office beside the old crane before anything is unloaded.

            """);
        File.WriteAllText(Path.Combine(folder, "lighthouse.md"), """
            # The lighthouse

            The lighthouse shows a green light while the tide in the harbour rises and a red light while it falls, so that nobody has to ask the harbour master.

            The keeper of the lighthouse writes the height of every tide into a book, and the oldest of these books are kept in the harbour office behind glass.

            """);
        File.WriteAllText(Path.Combine(folder, "market.txt"), """
            The market beside the harbour opens when the tide has risen and the first boats have brought their fish, seldom before seven and never after nine.

            On days without a tide that is high enough, the market sells what the farms behind the harbour bring, and the bell on the square stays silent until noon.

            """);
    }
}
