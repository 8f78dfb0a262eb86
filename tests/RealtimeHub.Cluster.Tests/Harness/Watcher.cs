using System.Text.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using RealtimeHub.Contracts;
using RealtimeHub.Specification;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>
/// A client that watches one topic through whichever node takes it, and resumes by cursor. It keeps everything as it came: what comes twice
/// is there twice.
/// </summary>
internal sealed class Watcher : IAsyncDisposable
{
    private readonly IReadOnlyList<Uri> addresses;
    private readonly string token;
    private readonly string topic;
    private readonly bool negotiates;
    private readonly Random random;
    private readonly Lock gate = new();
    private readonly List<Seen> events = [];
    private readonly CancellationTokenSource ended = new();
    private readonly TaskCompletionSource live = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task watching;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? cursor;
    private int node;

    public Watcher(IReadOnlyList<Uri> addresses, string token, string topic, int node, int seed, bool negotiates = false)
    {
        (this.addresses, this.token, this.topic, this.node, this.negotiates) = (addresses, token, topic, node, negotiates);
        random = new Random(seed);
        watching = Task.Run(WatchAsync, ended.Token);
    }

    /// <summary>Completes with the first subscription.</summary>
    public Task Live => live.Task;

    /// <summary>How often it had to connect.</summary>
    public int Connections { get; private set; }

    /// <summary>What went otherwise than the protocol says.</summary>
    public string? Broken { get; private set; }

    public IReadOnlyList<Seen> Events
    {
        get
        {
            lock (gate)
            {
                return [.. events];
            }
        }
    }

    /// <summary>Waits until it has seen an event.</summary>
    public async Task SawAsync(long sequence, TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within, TimeProvider.System);
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (events.Count > 0 && events[^1].Sequence >= sequence)
                {
                    return;
                }

                next = changed.Task;
            }

            await next.WaitAsync(deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ended.Dispose();
    }

    private async Task WatchAsync()
    {
        while (true)
        {
            try
            {
                await ConnectAsync();
            }
            catch (Exception e) when (!ended.IsCancellationRequested && e is not InvalidOperationException { Message: Answer })
            {
                // Wherever it is, another node is there, or will be.
            }

            node++;
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 400)), TimeProvider.System, ended.Token);
        }
    }

    private const string Answer = "The server answered what it must not.";

    private async Task ConnectAsync()
    {
        await using var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(addresses[node % addresses.Count], HubPaths.Events), HttpTransportType.WebSockets, options =>
            {
                options.AccessTokenProvider = () => Task.FromResult<string?>(token);
                options.SkipNegotiation = !negotiates;
            })
            .Build();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        connection.On<JsonElement>("Events", Take);
        connection.On<JsonElement>("Snapshot", message => Broken ??= $"A snapshot that nobody asked for: {message.GetRawText()[..100]}");
        connection.On<JsonElement>("SubscriptionChanged", message => Broken ??= IsNotice(message) ? null : message.GetRawText());
        connection.On<JsonElement>("Closing", _ => closed.TrySetResult());
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
        deadline.CancelAfter(Deadline.Length);
        await connection.StartAsync(deadline.Token);
        Connections++;
        string? from;
        lock (gate)
        {
            from = cursor;
        }

        var subscription = from is null ? new { topic, from = "earliest", cursor = (string?)null } : new { topic, from = "cursor", cursor = (string?)from };
        var reply = await connection.InvokeAsync<JsonElement>("Subscribe", new { subscriptions = new[] { subscription } }, deadline.Token);
        if (!reply.GetProperty("ok").GetBoolean())
        {
            return; // unavailable, or draining: somewhere else, or later
        }

        var status = reply.GetProperty("value").GetProperty("subscriptions")[0].GetProperty("status").GetString();
        if (status is not ("ok" or "resumed"))
        {
            Broken ??= $"{status} for {from}";
            return;
        }

        live.TrySetResult();
        await closed.Task.WaitAsync(ended.Token);
    }

    private static bool IsNotice(JsonElement message) => message.GetProperty("status").GetString() is "behind" or "live";

    private void Take(JsonElement message)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            foreach (var e in message.GetProperty("events").EnumerateArray())
            {
                events.Add(Seen.Of(e));
            }

            cursor = message.GetProperty("cursor").GetString();
            signal = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        signal.SetResult();
    }
}
