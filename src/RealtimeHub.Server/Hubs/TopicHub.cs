using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Admission;

namespace RealtimeHub.Server.Hubs;

/// <summary>What every hub offers. Each public method is callable from outside, here and in every class derived from it.</summary>
internal abstract class TopicHub<TClient>(HubAdapter adapter, Surface surface) : Hub<TClient>
    where TClient : class, IEventsClient
{
    private const string WatchKey = "realtimehub.watch";

    protected HubAdapter Adapter => adapter;

    public Task<Reply<SubscribeResult>> Subscribe(Body<Subscribe> request) => Send<Subscribe, SubscribeResult>(request);

    public Task<Reply<Empty>> Unsubscribe(Body<Unsubscribe> request) => Send<Unsubscribe, Empty>(request);

    public override Task OnConnectedAsync()
    {
        if (Context.Features.Get<OverLimit>() is { } overLimit)
        {
            return adapter.TurnAwayAsync(Context, overLimit.Closing);
        }

        Context.Items[WatchKey] = adapter.Watch(Context, surface);
        return base.OnConnectedAsync();
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        (Context.Items[WatchKey] as IDisposable)?.Dispose();
        return base.OnDisconnectedAsync(exception);
    }

    protected Task<Reply<TValue>> Send<TRequest, TValue>(Body<TRequest> request)
        where TRequest : class => adapter.SendAsync<TRequest, TValue>(Context, surface, request);
}
