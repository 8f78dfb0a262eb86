using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Admission;

namespace RealtimeHub.Server.Hubs;

/// <summary>What every hub offers. Each public method is callable from outside, here and in every class derived from it.</summary>
internal abstract class TopicHub<TClient>(HubAdapter adapter, Surface surface) : Hub<TClient>
    where TClient : class, IEventsClient
{
    protected HubAdapter Adapter => adapter;

    public Task<Reply<SubscribeResult>> Subscribe(Body<Subscribe> request) => Send<Subscribe, SubscribeResult>(request);

    public Task<Reply<Empty>> Unsubscribe(Body<Unsubscribe> request) => Send<Unsubscribe, Empty>(request);

    public override Task OnConnectedAsync()
    {
        if (Context.Features.Get<OverLimit>() is { } overLimit)
        {
            return adapter.TurnAwayAsync(Context, overLimit.Closing);
        }

        Context.Features.Set(adapter.Watch(Context, surface)); // a feature, not an item: the first item costs half a kilobyte
        return base.OnConnectedAsync();
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        Context.Features.Get<HubAdapter.WatchedConnection>()?.Dispose();
        return base.OnDisconnectedAsync(exception);
    }

    protected Task<Reply<TValue>> Send<TRequest, TValue>(Body<TRequest> request)
        where TRequest : class => adapter.SendAsync<TRequest, TValue>(Context, surface, request);
}
