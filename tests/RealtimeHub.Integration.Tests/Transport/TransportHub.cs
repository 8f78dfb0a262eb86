using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Hubs;

namespace RealtimeHub.Integration.Tests.Transport;

#pragma warning disable CA1822 // hub methods are instance methods

/// <summary>A hub with one method of each shape.</summary>
internal sealed class TransportHub : Hub
{
    public Reply<CreateConversationResult> CreateConversation(Body<CreateConversation> body) => body.Value is { } request
        ? Reply<CreateConversationResult>.Success(new($"{request.Title}/{request.Participants?[0].Role}/{request.Labels?.Count}"), seq: 9007199254740991)
        : Reply<CreateConversationResult>.Fail(body.Error!);

    public Reply<PublishResult> PublishEvents(Body<PublishEvents> body) => body.Value is { } request
        ? Reply<PublishResult>.Success(new(request.Events.Count, request.Events[0].Time?.ToUnixTimeMilliseconds() ?? 0))
        : Reply<PublishResult>.Fail(body.Error!);

    public string? Describe(string? text, int number, bool flag) => text is null ? null : $"{text} {number} {flag}";

    public async Task<int> Count(IAsyncEnumerable<PublishedEvent> events)
    {
        var count = 0;
        await foreach (var e in events)
        {
            count += e.Type.Length;
        }

        return count;
    }

    public void Reset() => Context.Features.Get<IConnectionLifetimeFeature>()!.Abort();

    public async Task<string> Ask() =>
        await Clients.Client(Context.ConnectionId).InvokeAsync<string>("Answer", Context.ConnectionAborted);

    public async Task<string> Shout(string text)
    {
        await Groups.AddToGroupAsync(Context.ConnectionId, "loud", Context.ConnectionAborted);
        await Clients.Group("loud").SendAsync("Events", text, Context.ConnectionAborted);
        return text;
    }
}
