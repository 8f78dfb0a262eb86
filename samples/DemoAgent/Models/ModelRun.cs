using System.Text.Json;
using Microsoft.Extensions.AI;
using RealtimeHub.Client;
using RealtimeHub.Contracts;
using RealtimeHub.DemoAgent.Answering;
using RealtimeHub.DemoAgent.Documents;
using RealtimeHub.DemoAgent.Tools;

namespace RealtimeHub.DemoAgent.Models;

/// <summary>One question answered by a model, which uses the same tools; instructions join the conversation with it at once.</summary>
internal sealed class ModelRun(RunContext run, SearchIndex index, IChatClient model, TimeProvider time)
{
    // A model that goes on calling tools is stopped here.
    private const int MaxRounds = 12;

    private const string Instructions =
        "You answer questions about a folder of text documents. Look things up with the tools before you answer; never answer from memory. " +
        "Write short Markdown. After each statement cite where it stands, as [`path:first-last`] with the path and the line numbers " +
        "that the tools gave you. If the documents do not say, say so.";

    private readonly RunPublisher publisher = run.Publisher;
    private readonly ModelTools tools = new(new DocsTools(index), run.Publisher);
    private readonly List<ChatMessage> history = [new(ChatRole.System, Instructions)];
    private readonly long began = time.GetTimestamp();
    private long inputTokens;
    private long outputTokens;

    public async Task AnswerAsync(string question)
    {
        history.Add(new ChatMessage(ChatRole.User, question));
        for (var round = 0; round < MaxRounds; round++)
        {
            using var steer = new SteerSignal(run);
            string? answer = null;
            try
            {
                answer = await RoundAsync(steer.Token);
            }
            catch (OperationCanceledException) when (!run.Cancelled.IsCancellationRequested && steer.Heard is not null)
            {
                // Taken up below.
            }

            if (await steer.FinishAsync() is { } heard)
            {
                history.AddRange(heard.Select(instruction => new ChatMessage(ChatRole.User, instruction)));
            }
            else if (answer is not null)
            {
                await EndAsync(answer);
                return;
            }
        }

        await publisher.FailedAsync("too_many_rounds", $"The model did not come to an answer in {MaxRounds} rounds.", run.Cancelled);
    }

    /// <summary>One response of the model; the text when it is an answer, null when it asked for tools.</summary>
    private async Task<string?> RoundAsync(CancellationToken token)
    {
        var updates = new List<ChatResponseUpdate>();
        StreamedText? message = null;
        StreamedText? reasoning = null;
        try
        {
            await foreach (var update in model.GetStreamingResponseAsync(history, new ChatOptions { Tools = [.. tools.All] }, token))
            {
                updates.Add(update);
                foreach (var content in update.Contents)
                {
                    switch (content)
                    {
                        case TextReasoningContent { Text.Length: > 0 } thought:
                            reasoning ??= await publisher.BeginReasoningAsync(cancellationToken: token);
                            await reasoning.AppendAsync(thought.Text, token);
                            break;
                        case TextContent { Text.Length: > 0 } text:
                            message ??= await publisher.BeginMessageAsync(token);
                            await message.AppendAsync(text.Text, token);
                            break;
                        case UsageContent usage:
                            await UsageAsync(usage.Details, token);
                            break;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!run.Cancelled.IsCancellationRequested)
        {
            await CloseAsync(reasoning, message, incomplete: true);
            throw;
        }

        await CloseAsync(reasoning, message, incomplete: false);
        var response = updates.ToChatResponse();
        history.AddRange(response.Messages);
        var asked = response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().ToList();
        var results = new List<AIContent>();
        foreach (var call in asked)
        {
            // Not cut by an instruction: a model refuses a history in which a call has no result.
            results.Add(await tools.CallAsync(call, run.Cancelled));
        }

        if (results.Count == 0)
        {
            return message?.ToString() ?? "";
        }

        history.Add(new ChatMessage(ChatRole.Tool, results));
        return null;
    }

    private async Task CloseAsync(StreamedText? reasoning, StreamedText? message, bool incomplete)
    {
        foreach (var text in new[] { reasoning, message })
        {
            if (text is not null)
            {
                await text.CompleteAsync(incomplete, run.Cancelled);
            }
        }
    }

    private Task UsageAsync(UsageDetails details, CancellationToken token)
    {
        inputTokens += details.InputTokenCount ?? 0;
        outputTokens += details.OutputTokenCount ?? 0;
        var duration = (long)time.GetElapsedTime(began).TotalMilliseconds;
        return publisher.UsageAsync(new Usage(inputTokens, outputTokens, DurationMs: duration), token);
    }

    private Task EndAsync(string answer)
    {
        var citations = CitedLines.In(answer, index.Documents);
        var output = JsonSerializer.SerializeToElement(
            new { citations = citations.Select(c => new { c.File, c.StartLine, c.EndLine, c.Quote }) }, ToolCalls.Json);
        return publisher.CompletedAsync(output, run.Cancelled);
    }
}
