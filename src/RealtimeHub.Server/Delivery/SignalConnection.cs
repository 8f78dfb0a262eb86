using System.IO.Pipelines;
using System.Security.Claims;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace RealtimeHub.Server.Delivery;

/// <summary>A connection as SignalR's managers write to it: they wait for nobody, and what a connection does not take soon is lost to it.</summary>
/// <remarks>
/// SignalR's managers send to a group when its last message was taken by all of its connections: one that does not read would hold up the others
/// for as long as it lives. What goes this way are signals, which may be lost. Events go to the connection itself.
/// </remarks>
internal sealed class SignalConnection : HubConnectionContext
{
    /// <summary>Signals that may wait for a connection. Whoever reads takes these within a moment.</summary>
    public const int MostPending = 32;

    private static readonly HubConnectionContextOptions Options = new();

    private readonly HubConnectionContext connection;
    private int pending;

    public SignalConnection(HubConnectionContext connection, ILoggerFactory loggers)
        : base(new Shell(connection), Options, loggers)
    {
        this.connection = connection;
        Protocol = connection.Protocol;
        UserIdentifier = connection.UserIdentifier;
    }

    public override CancellationToken ConnectionAborted => connection.ConnectionAborted;

    public override ValueTask WriteAsync(HubMessage message, CancellationToken cancellationToken = default) =>
        Pass(static (connection, message) => connection.WriteAsync(message, CancellationToken.None), message);

    public override ValueTask WriteAsync(SerializedHubMessage message, CancellationToken cancellationToken = default) =>
        Pass(static (connection, message) => connection.WriteAsync(message, CancellationToken.None), message);

    private ValueTask Pass<T>(Func<HubConnectionContext, T, ValueTask> write, T message)
    {
        if (Volatile.Read(ref pending) < MostPending)
        {
            var writing = write(connection, message);
            if (!writing.IsCompletedSuccessfully)
            {
                Interlocked.Increment(ref pending);
                _ = FinishAsync(writing);
            }
        }

        return default;
    }

    // Never fails: SignalR turns a failure to write into the end of the connection.
    private async Task FinishAsync(ValueTask writing)
    {
        await writing;
        Interlocked.Decrement(ref pending);
    }

    /// <summary>What SignalR's own constructor wants to see: whose connection it is, and nothing that could end it.</summary>
    private sealed class Shell : ConnectionContext, IConnectionUserFeature
    {
        public Shell(HubConnectionContext connection)
        {
            ConnectionId = connection.ConnectionId;
            User = connection.User;
            Items = connection.Items;
            Features.Set<IConnectionUserFeature>(this);
        }

        public override string ConnectionId { get; set; }

        public override IFeatureCollection Features { get; } = new FeatureCollection();

        public override IDictionary<object, object?> Items { get; set; }

        public override IDuplexPipe Transport
        {
            get => throw new NotSupportedException("Nothing is written here.");
            set => throw new NotSupportedException("Nothing is written here.");
        }

        public ClaimsPrincipal? User { get; set; }
    }
}
