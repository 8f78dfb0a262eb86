using RealtimeHub.Client.Connection;
using RealtimeHub.Client.Subscriptions;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>A client of RealtimeHub: subscriptions that survive reconnections, and commands that are carried out once.</summary>
/// <remarks>
/// The connection is made when it is first needed and kept for as long as the client lives: it comes back for ever, with
/// full jitter, unless the server says not to. All members may be used from any thread at the same time.
/// </remarks>
public sealed partial class RealtimeHubClient : IAsyncDisposable
{
    private readonly SubscriptionTable subscriptions;
    private readonly CommandSender sender;
    private readonly ResourceReader resources;
    private readonly StandingPresence presence = new();

    /// <summary>A client that does nothing until it is asked to.</summary>
    public RealtimeHubClient(RealtimeHubClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.BaseAddress.IsAbsoluteUri)
        {
            throw new ArgumentException("BaseAddress must be absolute.", nameof(options));
        }

        Options = options;
        subscriptions = new SubscriptionTable(options);
        sender = new CommandSender(options, Connection);
        resources = new ResourceReader(options);
        subscriptions.OnPresenceChanged = message => PresenceChanged?.Invoke(this, new PresenceChangedEventArgs(message.Topic, message.Changes));
        Connection.OnStateChanged = change =>
        {
            if (change.State == ConnectionState.Connected)
            {
                SayPresenceAgain();
            }

            StateChanged?.Invoke(this, change);
        };
    }

    /// <summary>What the client was made with.</summary>
    public RealtimeHubClientOptions Options { get; }

    /// <summary>Where the connection stands.</summary>
    public ConnectionState State => Connection.State;

    /// <summary>The connection changed. Raised on the connection's own loop: return soon.</summary>
    public event EventHandler<ConnectionStateChangedEventArgs>? StateChanged;

    /// <summary>Somebody is there in another way than before. Raised on the connection's own loop, on a client of the operators' hub: return soon.</summary>
    /// <remarks>May be lost: ask <see cref="ListPresenceAsync"/> after each connection. Of two changes of one subject the later <c>Since</c> stands.</remarks>
    public event EventHandler<PresenceChangedEventArgs>? PresenceChanged;

    private ConnectionKeeper Connection => subscriptions.Connection;

    /// <summary>Waits until there is a connection, however often that has to be tried. Not needed: everything else connects by itself.</summary>
    /// <remarks>After the server asked not to come back (<see cref="ConnectionState.Closed"/>) this, and only this, tries again.</remarks>
    public async Task ConnectAsync(CancellationToken cancellationToken = default) =>
        _ = await Connection.ReopenAsync(cancellationToken);

    /// <summary>Reads a topic: in order, without a gap or a repetition, across reconnections.</summary>
    /// <remarks>
    /// One sequence a topic and client: a second one while the first is being read throws
    /// <see cref="InvalidOperationException"/>. It ends with <see cref="SubscriptionEnded"/>, or when it is not read on.
    /// </remarks>
    /// <param name="topic"><c>{kind}:{id}</c></param>
    /// <param name="start">Where to begin.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="RealtimeHubException">The server refused the request itself, for example a malformed cursor.</exception>
    public IAsyncEnumerable<SubscriptionItem> Subscribe(string topic, StartPosition start, CancellationToken cancellationToken = default) =>
        subscriptions.ReadAsync(topic, start, cancellationToken);

    /// <summary>A topic's state now, over HTTP: no subscription, no connection.</summary>
    public Task<Reply<TopicSnapshot>> GetSnapshotAsync(string topic, CancellationToken cancellationToken = default) =>
        resources.ReadAsync<TopicSnapshot>($"topics/{Uri.EscapeDataString(topic)}/snapshot", cancellationToken);

    /// <summary>Ends the connection, every subscription and every waiting command.</summary>
    public async ValueTask DisposeAsync()
    {
        await subscriptions.DisposeAsync();
        resources.Dispose();
    }
}
