using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Connection;

/// <summary>One connection, from start to end. Each reconnection is a new session, so nothing of the old one can leak into it.</summary>
internal sealed class HubSession : IAsyncDisposable
{
    private static readonly HashSet<string> Pushes =
    [
        nameof(IEventsClient.Snapshot), nameof(IEventsClient.Events),
        nameof(IEventsClient.SubscriptionChanged), nameof(IEventsClient.Closing), nameof(IOperatorClient.PresenceChanged),
    ];

    private readonly HubConnection connection;
    private readonly OrderedProtocol protocol;
    private readonly TaskCompletionSource<Exception?> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? fault;

    public HubSession(RealtimeHubClientOptions options, ISessionSink sink, CancellationToken stopping)
    {
        protocol = new OrderedProtocol(
            new JsonHubProtocol(Options.Create(new JsonHubProtocolOptions { PayloadSerializerOptions = WireJson.Options })), Pushes)
        {
            PushRead = push => Closing = push.Arguments is [ClosingMessage closing] ? closing : Closing,
            PushDidNotBind = error => End(new InvalidDataException("The server sent something that this client cannot read.", error)),
        };

        var builder = new HubConnectionBuilder().WithUrl(options.Hub.AddressOf(options.BaseAddress), http =>
        {
            http.AccessTokenProvider = async () => await options.AccessTokenProvider(stopping);
            options.ConfigureConnection?.Invoke(http);
        });
        builder.Services.AddSingleton(options.LoggerFactory);
        builder.Services.AddSingleton<IHubProtocol>(protocol);
        connection = builder.Build();

        On<SnapshotMessage>(nameof(IEventsClient.Snapshot), message => sink.OnSnapshot(this, message));
        On<EventsMessage>(nameof(IEventsClient.Events), message => sink.OnEvents(this, message));
        On<SubscriptionChangedMessage>(nameof(IEventsClient.SubscriptionChanged), message => sink.OnChanged(this, message));
        On<ClosingMessage>(nameof(IEventsClient.Closing), static _ => { });
        On<PresenceChangedMessage>(nameof(IOperatorClient.PresenceChanged), sink.OnPresence);
        connection.Closed += error =>
        {
            closed.TrySetResult(fault ?? error);
            return Task.CompletedTask;
        };
    }

    /// <summary>What the server said about the end, if it could.</summary>
    public ClosingMessage? Closing { get; private set; }

    /// <summary>Completes with the reason, if one is known, when the connection is gone.</summary>
    public Task<Exception?> Closed => closed.Task;

    public Task StartAsync(CancellationToken cancellationToken) => connection.StartAsync(cancellationToken);

    /// <summary>Calls a hub method; every push that the server sent before its reply has been handled when this returns.</summary>
    /// <exception cref="SessionLostException">The connection ended before the reply came: it may have been carried out or not.</exception>
    public async Task<Reply<T>> InvokeAsync<T>(string method, object request, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await connection.InvokeCoreAsync<Reply<T>>(method, [request], cancellationToken);
            await Task.WhenAny(protocol.HandledSoFar(), Closed);
            return reply;
        }
        catch (Exception error) when (IsLoss(error, cancellationToken))
        {
            End(error);
            throw new SessionLostException(error);
        }
    }

    /// <summary>Ends the connection from this side; <see cref="Closed"/> completes.</summary>
    public void End(Exception? reason)
    {
        fault ??= reason;
        _ = StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        closed.TrySetResult(fault);
    }

    private static bool IsLoss(Exception error, CancellationToken cancellationToken) => error switch
    {
        HubException or JsonException or NotSupportedException => false,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => true,
    };

    private async Task StopAsync()
    {
        // On another thread: the caller may be the receive loop, which stopping waits for.
        await Task.Yield();
        try
        {
            await connection.StopAsync();
        }
        catch (Exception)
        {
            // It ended by itself meanwhile.
        }

        closed.TrySetResult(fault);
    }

    private void On<T>(string method, Action<T> handle) => connection.On<T>(method, message =>
    {
        try
        {
            handle(message);
        }
        catch (Exception error)
        {
            End(error);
        }
        finally
        {
            protocol.Handled();
        }
    });
}

/// <summary>Where a session's pushes go.</summary>
internal interface ISessionSink
{
    void OnSnapshot(HubSession session, SnapshotMessage message);

    void OnEvents(HubSession session, EventsMessage message);

    void OnChanged(HubSession session, SubscriptionChangedMessage message);

    void OnPresence(PresenceChangedMessage message);
}

/// <summary>A connection ended before a reply came.</summary>
internal sealed class SessionLostException(Exception inner) : Exception("The connection was lost before the reply came.", inner);
