using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>
/// Somebody who says something again and again, and an agent that streams answers: through whichever node answers, repeating what was not
/// acknowledged with the same key.
/// </summary>
internal sealed class Writer : IAsyncDisposable
{
    private readonly ServerCluster cluster;
    private readonly Person olga;
    private readonly Person wren;
    private readonly string run;
    private readonly CancellationTokenSource ended = new();
    private readonly Task[] writing;
    private int said;
    private int streamed;

    private Writer(ServerCluster cluster, Person olga, Person wren, string run)
    {
        (this.cluster, this.olga, this.wren, this.run) = (cluster, olga, wren, run);
        writing = [Task.Run(SayAsync, ended.Token), Task.Run(StreamAsync, ended.Token)];
    }

    /// <summary>How many messages and answers were acknowledged.</summary>
    public int Acknowledged => Volatile.Read(ref said) + Volatile.Read(ref streamed);

    public static async Task<Writer> StartAsync(ServerCluster cluster, Person olga)
    {
        var agent = await cluster.SignInAsync("wren", [Scopes.EventsPublish], ["writer"]);
        var id = (string)(await olga.Api.PostAsync("/api/v1/runs", Json.Object("""
            { "agentId": "writer", "conversationId": "talk", "input": "Go" }
            """))).Ok()["runId"]!;
        await PublishAsync(agent, Event("started", id, "run.started", new JsonObject { ["runId"] = id, ["agentId"] = "writer" }));
        return new Writer(cluster, olga, agent, id);
    }

    /// <summary>Waits until so much more was acknowledged.</summary>
    public Task WroteAsync(int more)
    {
        var goal = Acknowledged + more;
        return Until.TrueAsync(() =>
        {
            if (writing.FirstOrDefault(w => w.IsFaulted) is { } broken)
            {
                throw broken.Exception!;
            }

            return Task.FromResult(Acknowledged >= goal);
        }, TimeSpan.FromSeconds(60));
    }

    /// <summary>Stops writing, and compares what was acknowledged with the log: each is there once.</summary>
    public async Task CheckAsync(Person person)
    {
        await ended.CancelAsync();
        await Task.WhenAll(writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var broken in writing.Where(w => w.IsFaulted))
        {
            await broken;
        }

        var log = await person.HistoryAsync(ServerCluster.Talk);
        var messages = log.Where(e => (string?)e["type"] == "message.created").Select(e => (string)e["data"]!["text"]!).ToList();
        messages.Should().OnlyHaveUniqueItems().And.StartWith(Enumerable.Range(0, said).Select(i => $"message {i}"));
        var answers = log.Where(e => (string?)e["type"] == "message.completed").Select(e => (string)e["id"]!).ToList();
        answers.Should().OnlyHaveUniqueItems().And.StartWith(Enumerable.Range(0, streamed).Select(i => $"end-{i}"));
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await Task.WhenAll(writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ended.Dispose();
    }

    private async Task SayAsync()
    {
        while (!ended.IsCancellationRequested)
        {
            var body = new JsonObject { ["text"] = $"message {said}" };
            await RepeatAsync(olga, api => api.PostAsync("/api/v1/conversations/talk/messages", body, key: $"say-{said}"));
            said++;
        }
    }

    private async Task StreamAsync()
    {
        while (!ended.IsCancellationRequested)
        {
            var message = $"answer-{streamed}";
            var text = "";
            var events = new JsonArray(Event($"begin-{streamed}", run, "message.started", new JsonObject { ["messageId"] = message, ["role"] = "assistant" }));
            for (var i = 0; i < 20; i++)
            {
                events.Add(Event($"delta-{streamed}-{i}", run, "message.delta", new JsonObject { ["messageId"] = message, ["text"] = $"{i} ", ["offset"] = text.Length }));
                text += $"{i} ";
            }

            events.Add(Event($"end-{streamed}", run, "message.completed", new JsonObject { ["messageId"] = message, ["text"] = text }));
            var body = new JsonObject { ["events"] = events };
            await RepeatAsync(wren, api => api.PostAsync($"/api/v1/topics/{ServerCluster.Talk}/events", body));
            streamed++;
        }
    }

    private static JsonObject Event(string id, string run, string type, JsonObject data) =>
        new() { ["id"] = id, ["type"] = type, ["runId"] = run, ["data"] = data };

    private static async Task PublishAsync(Person agent, JsonObject e) =>
        (await agent.Api.PostAsync($"/api/v1/topics/{ServerCluster.Talk}/events", new JsonObject { ["events"] = new JsonArray(e) })).Ok();

    // What is not known to be stored is said again, at the next node.
    private async Task RepeatAsync(Person person, Func<Api, Task<Answer>> send)
    {
        for (var node = 0; ; node++)
        {
            ended.Token.ThrowIfCancellationRequested();
            try
            {
                var answer = await send(person.At(cluster.Nodes[node % cluster.Nodes.Count].Address).Api);
                if (answer.Status is not 503)
                {
                    answer.Ok();
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TimeoutException)
            {
                // That node is gone.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ended.Token);
        }
    }
}
