using System.Text.Json;
using RealtimeHub.Client;
using RealtimeHub.Contracts;
using RealtimeHub.DemoAgent.Documents;
using RealtimeHub.DemoAgent.Tools;

namespace RealtimeHub.DemoAgent.Answering;

/// <summary>One question from plan to answer, without a model: everything that is said follows from the documents.</summary>
internal sealed class DocsRun(RunContext run, SearchIndex index, Pace pace, TimeProvider time)
{
    private readonly RunPublisher publisher = run.Publisher;
    private readonly DocsTools tools = new(index);
    private readonly ToolCalls calls = new(run.Publisher);
    private readonly Planner planner = new(index);
    private readonly Vocabulary vocabulary = new(index);
    private readonly long began = time.GetTimestamp();

    public async Task AnswerAsync(string question)
    {
        // The publisher lets one through now and then, and keeps the newest for the end of the run, however it ends.
        pace.AfterToken = UsageAsync;
        var plan = planner.Of(question);
        var first = true;
        while (true)
        {
            using var steer = new SteerSignal(run);
            try
            {
                var answer = await AttemptAsync(plan, first, steer.Token);
                if (await steer.FinishAsync() is not { } late)
                {
                    await EndAsync(plan, answer);
                    return;
                }

                plan = await ReplanAsync(plan, late);
            }
            catch (OperationCanceledException) when (!run.Cancelled.IsCancellationRequested && steer.Heard is not null)
            {
                plan = await ReplanAsync(plan, (await steer.FinishAsync())!);
            }

            first = false;
        }
    }

    private async Task<Answer> AttemptAsync(Plan plan, bool first, CancellationToken token)
    {
        if (first)
        {
            await InStepAsync("Understand the question", () => ThinkAsync("What to look for", planner.Explain(plan), token), token);
        }

        var hits = await InStepAsync("Search the documents", () => SearchAsync(plan, first, token), token);
        await UsageAsync(token);
        if (hits.Count > 0)
        {
            await InStepAsync("Read the best passages", () => ReadAsync(hits, token), token);
        }

        return await InStepAsync("Answer", () => WriteAsync(plan, hits, token), token);
    }

    private async Task<IReadOnlyList<Hit>> SearchAsync(Plan plan, bool first, CancellationToken token)
    {
        if (first)
        {
            await calls.CallAsync(DocsTools.ListFilesName, new { }, tools.ListFiles, token);
        }

        IReadOnlyList<Hit> hits = [];
        var query = string.Join(' ', plan.Keywords.Select(k => k.Word));
        await calls.CallAsync(
            DocsTools.SearchName,
            new { query, alsoFor = plan.Relatives.Select(r => r.Stem), onlyIn = plan.Only, notIn = plan.Without },
            () =>
            {
                hits = index.Search(plan.Terms, limit: 24, plan.Admits);
                return DocsTools.Show(hits.Take(6));
            },
            token);
        var words = plan.Keywords.Where(k => vocabulary.Has(k.Stem)).OrderByDescending(k => index.Rarity(k.Stem)).Take(3).Select(k => k.Word).ToList();
        if (words.Count > 0)
        {
            await calls.CallAsync(DocsTools.CountName, new { terms = words }, () => tools.Count(words), token);
        }

        return hits;
    }

    private async Task<bool> ReadAsync(IReadOnlyList<Hit> hits, CancellationToken token)
    {
        foreach (var passage in hits.Take(6).Select(hit => hit.Passage).DistinctBy(p => p.Document.Path).Take(3))
        {
            var (path, from, to) = (passage.Document.Path, Math.Max(1, passage.FirstLine - 3), passage.LastLine + 3);
            await calls.CallAsync(
                DocsTools.ReadFileName, new { path, startLine = from, endLine = to }, () => tools.ReadFile(path, from, to), token);
        }

        var best = hits[0];
        var why = $"The best passage is {best.Passage.Document.Path}, line {best.Passage.FirstLine}"
            + (best.Passage.InnermostHeading.Length > 0 ? $", under “{best.Passage.InnermostHeading}”" : "")
            + $": it has {Planner.Listed(best.Matched.Select(stem => $"“{stem}”"))}. "
            + $"{hits.Count(hit => hit.Score >= best.Score / 2)} passages come within half of its score.";
        return await ThinkAsync("What was found", why, token);
    }

    private async Task<Answer> WriteAsync(Plan plan, IReadOnlyList<Hit> hits, CancellationToken token)
    {
        var answer = Answer.From(plan, hits, index, vocabulary);
        var message = await publisher.BeginMessageAsync(token);
        try
        {
            await pace.WriteAsync(message, answer.Text, token);
        }
        catch (OperationCanceledException) when (!run.Cancelled.IsCancellationRequested)
        {
            await message.CompleteAsync(incomplete: true, run.Cancelled);
            throw;
        }

        await message.CompleteAsync(cancellationToken: token);
        return answer;
    }

    /// <summary>Takes instructions over, visibly, before anything else is done.</summary>
    private async Task<Plan> ReplanAsync(Plan plan, IReadOnlyList<string> instructions)
    {
        var steering = new Steering(index, planner);
        foreach (var instruction in instructions)
        {
            plan = steering.Apply(plan, instruction);
            var thought = $"I was told: “{instruction}”. I take that as: {plan.Changes[^1]}. {planner.Explain(plan)}";
            await ThinkAsync("New instruction", thought, run.Cancelled);
        }

        return plan;
    }

    private async Task<bool> ThinkAsync(string title, string thought, CancellationToken token)
    {
        var reasoning = await publisher.BeginReasoningAsync(title, token);
        try
        {
            await pace.WriteAsync(reasoning, thought, token, times: 2);
        }
        catch (OperationCanceledException) when (!run.Cancelled.IsCancellationRequested)
        {
            await reasoning.CompleteAsync(incomplete: true, run.Cancelled);
            throw;
        }

        await reasoning.CompleteAsync(cancellationToken: token);
        return true;
    }

    private async Task<T> InStepAsync<T>(string title, Func<Task<T>> work, CancellationToken token)
    {
        var step = await publisher.StepStartedAsync(title, token);
        try
        {
            return await work();
        }
        finally
        {
            // Also when an instruction cut it short: the next plan has steps of its own.
            if (!run.Cancelled.IsCancellationRequested)
            {
                await publisher.StepCompletedAsync(step, run.Cancelled);
            }
        }
    }

    private Task UsageAsync(CancellationToken token) => publisher.UsageAsync(
        new Usage(calls.Read, pace.Written, DurationMs: (long)time.GetElapsedTime(began).TotalMilliseconds), token);

    private async Task EndAsync(Plan plan, Answer answer)
    {
        await UsageAsync(run.Cancelled);
        var output = new
        {
            citations = answer.Citations.Select(c => new { c.File, c.StartLine, c.EndLine, c.Quote }),
            searched = new { documents = index.Documents.Count(plan.Admits), passages = index.PassageCount },
            changes = plan.Changes,
        };
        await publisher.CompletedAsync(JsonSerializer.SerializeToElement(output, ToolCalls.Json), run.Cancelled);
    }
}
