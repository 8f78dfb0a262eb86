using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Net;
using RealtimeHub.Benchmarks.Reporting;
using RealtimeHub.Benchmarks.Running;
using RealtimeHub.Benchmarks.Serving;
using RealtimeHub.Contracts;

namespace RealtimeHub.Benchmarks.Scenarios;

/// <summary>What a durable command costs over the hub: <c>SendMessage</c> on SQLite and on NATS, beside bare publishes to JetStream and calls of a bare hub.</summary>
internal static class Commands
{
    private const string Publish = "JetStream publish";
    private const string Call = "bare hub call";

    public static async Task RunAsync(Bench bench)
    {
        if (bench.NatsServer is null)
        {
            Console.WriteLine("nats-server is not on the PATH.\n");
            return;
        }

        var (users, seconds) = (bench.Arguments.Int("users", 200), bench.Arguments.Number("seconds", 4));
        var (single, many) = (new Table("one after the other", "p50 ms", "p99 ms", "p50 / publish"), new Table($"{users} users at once", "commands/s", "p50 ms", "p99 ms", "server CPU µs"));
        var bare = await HubSystem.StartAsync(HubSystem.Bare, bench.NewFolder());
        var sqlite = await HubSystem.StartAsync(HubSystem.Ours, bench.NewFolder());
        var nats = await BackboneServer.StartNatsAsync(bench.NatsServer, bench.NewFolder());
        var cluster = await HubSystem.StartAsync(HubSystem.OursOnNats, bench.NewFolder(), nats);
        try
        {
            var publisher = await PublisherAsync($"nats://{nats.Address}");
            await using var connection = publisher.Connection;
            var senders = new Dictionary<string, (Func<int, Task> Send, HubSystem? System)>
            {
                [Publish] = (publisher.SendAsync, null),
                [Call] = (await CallersAsync(bare, users), bare),
                [HubSystem.OursOnNats] = (await SendersAsync(cluster, users), cluster),
                ["ours on SQLite"] = (await SendersAsync(sqlite, users), sqlite),
            };
            var alone = await Rounds.InterleaveAsync([.. senders.Keys], bench.Rounds, name => MeasureAsync(senders[name].Send, 1, seconds, senders[name].System));
            var crowd = await Rounds.InterleaveAsync([.. senders.Keys], bench.Rounds, name => MeasureAsync(senders[name].Send, users, seconds, senders[name].System));
            foreach (var name in senders.Keys)
            {
                single.Add(
                    name, Table.Number(alone[name].Median(r => r.Median)), Table.Number(alone[name].Median(r => r.Tail)),
                    Table.Ratio(alone[name].Median(r => r.Median), alone[Publish].Median(r => r.Median)));
                many.Add(
                    name, Table.Number(crowd[name].Median(r => r.PerSecond)), Table.Number(crowd[name].Median(r => r.Median)),
                    Table.Number(crowd[name].Median(r => r.Tail)), Table.Number(crowd[name].Median(r => r.Cpu)));
            }
        }
        finally
        {
            await bare.DisposeAsync();
            await sqlite.DisposeAsync();
            await cluster.DisposeAsync();
        }

        Console.WriteLine(single);
        Console.WriteLine(many);
    }

    private static async Task<CommandsRun> MeasureAsync(Func<int, Task> send, int users, double seconds, HubSystem? system)
    {
        var (end, used, begun) = (TimeSpan.FromSeconds(seconds), system?.Usage, TimeProvider.System.GetTimestamp());
        var times = await Task.WhenAll(Enumerable.Range(0, users).Select(user => Task.Run(async () =>
        {
            var mine = new List<double>();
            while (TimeProvider.System.GetElapsedTime(begun) < end)
            {
                var at = TimeProvider.System.GetTimestamp();
                await send(user);
                mine.Add(TimeProvider.System.GetElapsedTime(at).TotalMilliseconds);
            }

            return mine;
        })));
        var elapsed = TimeProvider.System.GetElapsedTime(begun);
        var sorted = times.SelectMany(t => t).Order().ToArray();
        var cpu = system is null ? double.NaN : (system.Usage.CpuSeconds - used!.Value.CpuSeconds) * 1e6 / sorted.Length;
        return new CommandsRun(sorted.At(0.5), sorted.At(0.99), sorted.Length / elapsed.TotalSeconds, cpu);
    }

    /// <summary>Users who each call a method that does nothing: what any command over a hub costs at least.</summary>
    private static async Task<Func<int, Task>> CallersAsync(HubSystem system, int users)
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, users).Select(async _ =>
        {
            var connection = new HubConnectionBuilder()
                .WithUrl(new Uri($"http://{system.Address}{BareRole.Path}"), HttpTransportType.WebSockets, options => options.SkipNegotiation = true)
                .Build();
            await connection.StartAsync();
            return connection;
        }));
        return user => connections[user].InvokeAsync("Subscribe", Array.Empty<string>());
    }

    /// <summary>Users who each say something in a conversation of their own.</summary>
    private static async Task<Func<int, Task>> SendersAsync(HubSystem system, int users)
    {
        var address = new Uri($"http://{system.Address}");
        var connections = await Task.WhenAll(Enumerable.Range(0, users).Select(user => ConnectAsync(address, $"user-{user}")));
        return async user =>
        {
            var request = new { conversationId = $"of-user-{user}", text = "Hello there, this is what somebody says." };
            var reply = await connections[user].InvokeAsync<JsonElement>("SendMessage", request);
            if (!reply.GetProperty("ok").GetBoolean())
            {
                throw new InvalidOperationException(reply.GetRawText());
            }
        };
    }

    private static async Task<HubConnection> ConnectAsync(Uri address, string user)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var answer = await http.PostAsJsonAsync("/auth/dev-token", new { tenant = "bench", user, scopes = new[] { Scopes.ConversationsRead, Scopes.ConversationsWrite } });
        var token = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
        var connection = new HubConnectionBuilder().WithUrl(new Uri(address, HubPaths.Operator), HttpTransportType.WebSockets, options =>
        {
            options.AccessTokenProvider = () => Task.FromResult(token);
            options.SkipNegotiation = true;
        }).Build();
        await connection.StartAsync();
        await connection.InvokeAsync<JsonElement>("CreateConversation", new { id = $"of-{user}", title = user });
        return connection;
    }

    private static async Task<(INatsConnection Connection, Func<int, Task> SendAsync)> PublisherAsync(string url)
    {
        var connection = new NatsConnection(new NatsOpts { Url = url });
        var jetStream = connection.CreateJetStreamContext();
        await jetStream.CreateStreamAsync(new StreamConfig("BARE", ["bare.>"]) { Storage = StreamConfigStorage.File, DuplicateWindow = TimeSpan.FromMinutes(10) });
        var (body, count) = (new byte[300], 0);
        return (connection, PublishAsync);

        async Task PublishAsync(int user)
        {
            var id = Interlocked.Increment(ref count);
            var ack = await jetStream.PublishAsync($"bare.{user}", body, NatsRawSerializer<byte[]>.Default, new NatsJSPubOpts { MsgId = $"{id}" });
            ack.EnsureSuccess();
        }
    }

    private readonly record struct CommandsRun(double Median, double Tail, double PerSecond, double Cpu);
}
