using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealtimeHub.Client.Tests.Fakes;

namespace RealtimeHub.Client.Tests.DemoAgent;

/// <summary>A tiny OpenAI-compatible server that streams what a test has written for it.</summary>
internal sealed class FakeModel : IAsyncDisposable
{
    private readonly ConcurrentQueue<object[]> responses = new();
    private readonly TaskCompletionSource never = new();
    private WebApplication app = null!;

    public Uri Endpoint { get; private set; } = null!;

    public ConcurrentQueue<JsonElement> Requests { get; } = new();

    public string? Authorization { get; private set; }

    public Signal Asked { get; } = new();

    public static async Task<FakeModel> StartAsync()
    {
        var model = new FakeModel();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        model.app = builder.Build();
        model.app.MapPost("/v1/chat/completions", model.CompleteAsync);
        await model.app.StartAsync(TestContext.Current.CancellationToken);
        var address = model.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        model.Endpoint = new Uri($"{address}/v1");
        return model;
    }

    /// <summary>The next response, as the deltas of its chunks; one that is null hangs.</summary>
    public void Respond(params object[] deltas) => responses.Enqueue(deltas);

    public static object Text(string content) => new { content };

    public static object Call(string id, string name, object arguments) => new
    {
        tool_calls = new[] { new { index = 0, id, type = "function", function = new { name, arguments = JsonSerializer.Serialize(arguments) } } },
    };

    /// <summary>A delta that never comes.</summary>
    public static object Hang { get; } = new();

    public async ValueTask DisposeAsync()
    {
        never.TrySetResult();
        await app.DisposeAsync();
    }

    private async Task CompleteAsync(HttpContext context)
    {
        Authorization = context.Request.Headers.Authorization;
        Requests.Enqueue(await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted));
        context.Response.ContentType = "text/event-stream";
        responses.TryDequeue(out var deltas);
        foreach (var delta in deltas ?? [])
        {
            if (ReferenceEquals(delta, Hang))
            {
                Asked.Set();
                await Task.WhenAny(never.Task, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
                return;
            }

            await ChunkAsync(context, new { index = 0, delta }, usage: null);
        }

        await ChunkAsync(context, new { index = 0, delta = new { }, finish_reason = "stop" }, new { prompt_tokens = 10, completion_tokens = 4, total_tokens = 14 });
        await context.Response.WriteAsync("data: [DONE]\n\n", context.RequestAborted);
        Asked.Set();
    }

    private static async Task ChunkAsync(HttpContext context, object choice, object? usage)
    {
        var chunk = new { id = "c1", @object = "chat.completion.chunk", created = 1, model = "fake", choices = new[] { choice }, usage };
        await context.Response.WriteAsync($"data: {JsonSerializer.Serialize(chunk)}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
