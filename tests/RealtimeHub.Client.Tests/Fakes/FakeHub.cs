using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Tests.Fakes;

/// <summary>All three hubs in one. Requests are read as strictly as the real server reads them.</summary>
internal sealed class FakeHub(FakeServer server) : Hub
{
    public override Task OnConnectedAsync()
    {
        server.Joined(Context);
        return base.OnConnectedAsync();
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        server.Left(Context);
        return base.OnDisconnectedAsync(exception);
    }

    public async Task<Reply<SubscribeResult>> Subscribe(JsonElement request)
    {
        var body = Read<Subscribe>(request);
        if (server.Answer(nameof(Subscribe), body) is { } error)
        {
            return Reply<SubscribeResult>.Fail(error);
        }

        var outcomes = new List<SubscriptionOutcome>();
        foreach (var subscription in body.Subscriptions)
        {
            if (server.Refusals.TryGetValue(subscription.Topic, out var refusal))
            {
                outcomes.Add(new SubscriptionOutcome(subscription.Topic, refusal, subscription.Ref));
                continue;
            }

            await server.InOrderAsync(async () =>
            {
                var (outcome, snapshot, events) = server.Topic(subscription.Topic).Subscribe(Context.ConnectionId, subscription);
                await SendAsync(nameof(IEventsClient.Snapshot), snapshot);
                await SendAsync(nameof(IEventsClient.Events), events);
                outcomes.Add(outcome);
            });
        }

        return Reply<SubscribeResult>.Success(new SubscribeResult(outcomes));
    }

    public Task<Reply<Empty>> Unsubscribe(JsonElement request)
    {
        var body = Read<Unsubscribe>(request);
        if (server.Answer(nameof(Unsubscribe), body) is { } error)
        {
            return Task.FromResult(Reply<Empty>.Fail(error));
        }

        foreach (var topic in body.Topics)
        {
            server.Topic(topic).Leave(Context.ConnectionId);
        }

        return Task.FromResult(Reply<Empty>.Success(Empty.Value));
    }

    public async Task<Reply<SendMessageResult>> SendMessage(JsonElement request)
    {
        var body = Read<SendMessage>(request);
        if (server.Answer(nameof(SendMessage), body) is { } error)
        {
            return Reply<SendMessageResult>.Fail(error);
        }

        await server.Gate(nameof(SendMessage));
        return Reply<SendMessageResult>.Success(new SendMessageResult($"m-{body.IdempotencyKey}"), 7);
    }

    public Task<Reply<CreateConversationResult>> CreateConversation(JsonElement request)
    {
        var body = Read<CreateConversation>(request);
        return Task.FromResult(server.Answer(nameof(CreateConversation), body) is { } error
            ? Reply<CreateConversationResult>.Fail(error)
            : Reply<CreateConversationResult>.Success(new CreateConversationResult(body.Id ?? "made")));
    }

    public Task<Reply<RegisterAgentResult>> RegisterAgent(JsonElement request)
    {
        var body = Read<RegisterAgent>(request);
        return Task.FromResult(server.Answer(nameof(RegisterAgent), body) is { } error
            ? Reply<RegisterAgentResult>.Fail(error)
            : Reply<RegisterAgentResult>.Success(new RegisterAgentResult(body.AgentId)));
    }

    public async Task<Reply<Empty>> SetPresence(JsonElement request)
    {
        var body = Read<SetPresence>(request);
        if (server.Answer(nameof(SetPresence), body) is { } error)
        {
            return Reply<Empty>.Fail(error);
        }

        var change = new PresenceItem(Subject.User("mia"), body.State, DateTimeOffset.UnixEpoch);
        await SendAsync(nameof(IOperatorClient.PresenceChanged), new PresenceChangedMessage([change], body.Topic));
        return Reply<Empty>.Success(Empty.Value);
    }

    public async Task<Reply<PublishResult>> PublishEvents(JsonElement request)
    {
        var body = Read<PublishEvents>(request);
        if (server.Answer(nameof(PublishEvents), body) is { } error)
        {
            return Reply<PublishResult>.Fail(error);
        }

        var last = await server.AppendAsync(body.Topic, Subject.Agent(body.AgentId ?? "agent"), body.Events);
        await server.Gate(nameof(PublishEvents));
        return Reply<PublishResult>.Success(new PublishResult(body.Events.Count, last));
    }

    private static T Read<T>(JsonElement request) => request.Deserialize(ContractsJson.RequestType<T>())!;

    private Task SendAsync(string method, object? message) =>
        message is null ? Task.CompletedTask : Clients.Caller.SendAsync(method, message, Context.ConnectionAborted);
}
