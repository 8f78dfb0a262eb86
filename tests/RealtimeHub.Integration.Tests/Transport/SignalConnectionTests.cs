using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using RealtimeHub.Server.Delivery;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>SignalR's managers wait for no connection.</summary>
public sealed class SignalConnectionTests
{
    private static readonly InvocationMessage Signal = new("PresenceChanged", [null]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendGroup_OneOfWhichReadsNothing_WaitsForNobodyAndReachesTheOthers()
    {
        var manager = new DefaultHubLifetimeManager<Hub>(NullLogger<DefaultHubLifetimeManager<Hub>>.Instance);
        var (stalled, reader) = (new Recipient("stalled", reads: false), new Recipient("reader", reads: true));
        foreach (var recipient in new[] { stalled, reader })
        {
            var connection = new SignalConnection(recipient, NullLoggerFactory.Instance);
            await manager.OnConnectedAsync(connection);
            await manager.AddToGroupAsync(connection.ConnectionId, "group", Token);
        }

        for (var i = 0; i < 100; i++)
        {
            manager.SendGroupAsync("group", Signal.Target, Signal.Arguments, Token).IsCompletedSuccessfully.Should().BeTrue();
        }

        reader.Written.Should().Be(100);
        stalled.Written.Should().Be(SignalConnection.MostPending, "the rest is lost to it, and kept nowhere");
    }

    [Fact]
    public async Task Write_AfterTheConnectionReadAgain_ReachesIt()
    {
        var recipient = new Recipient("slow", reads: false);
        var connection = new SignalConnection(recipient, NullLoggerFactory.Instance);
        for (var i = 0; i < 2 * SignalConnection.MostPending; i++)
        {
            await connection.WriteAsync(Signal, Token);
        }

        recipient.Read();
        await Deadline.For(ReachedAsync());

        async Task ReachedAsync()
        {
            while (recipient.Written == SignalConnection.MostPending)
            {
                await Task.Yield();
                await connection.WriteAsync(Signal, Token);
            }
        }
    }

    private sealed class Recipient(string id, bool reads)
        : HubConnectionContext(new DefaultConnectionContext(id), new HubConnectionContextOptions(), NullLoggerFactory.Instance)
    {
        private readonly TaskCompletionSource taken = new();

        public int Written { get; private set; }

        public override IHubProtocol Protocol { get; set; } = new JsonHubProtocol();

        public void Read() => taken.TrySetResult();

        public override ValueTask WriteAsync(HubMessage message, CancellationToken cancellationToken = default) => Take();

        public override ValueTask WriteAsync(SerializedHubMessage message, CancellationToken cancellationToken = default) => Take();

        private ValueTask Take()
        {
            Written++;
            return reads || taken.Task.IsCompleted ? ValueTask.CompletedTask : new ValueTask(taken.Task);
        }
    }
}
