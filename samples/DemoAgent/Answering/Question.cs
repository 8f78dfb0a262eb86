using System.Text.Json;
using RealtimeHub.Client;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>Finds out what is asked.</summary>
internal static class Question
{
    /// <summary>
    /// The input's <c>question</c> (or the input itself, if it is a text); else the newest message that a user wrote in the
    /// run's conversation; null when there is neither.
    /// </summary>
    public static async Task<string?> OfAsync(RunContext run, RealtimeHubClient client)
    {
        if (InInput(run.Input) is { } question)
        {
            return question;
        }

        var reply = await client.GetSnapshotAsync(run.Topic, run.Cancelled);
        return reply.Value is { } snapshot ? NewestOfUser(snapshot.State) : null;
    }

    public static string? InInput(JsonElement input) => input.ValueKind switch
    {
        JsonValueKind.String => NotEmpty(input.GetString()),
        JsonValueKind.Object when input.TryGetProperty("question", out var question) && question.ValueKind == JsonValueKind.String =>
            NotEmpty(question.GetString()),
        _ => null,
    };

    public static string? NewestOfUser(JsonElement state) =>
        state.ValueKind == JsonValueKind.Object && state.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array
            ? messages.EnumerateArray()
                .Where(m => m.TryGetProperty("role", out var role) && role.ValueEquals("user"))
                .Select(m => m.TryGetProperty("text", out var text) ? NotEmpty(text.GetString()) : null)
                .LastOrDefault(text => text is not null)
            : null;

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
