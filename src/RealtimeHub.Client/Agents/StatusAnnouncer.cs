using System.Threading.Channels;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client.Agents;

/// <summary>Tells the agent's topic what the agent's status is: the newest wish wins, one request at a time.</summary>
internal sealed class StatusAnnouncer(
    string agentId, Func<PublishEvents, CancellationToken, Task<Reply<PublishResult>>> publish)
{
    private readonly Channel<AgentStatus> wishes = Channel.CreateBounded<AgentStatus>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Lock gate = new();
    private AgentStatus? wished;

    /// <summary>Asks for a status, unless it is the one that was asked for last.</summary>
    public void Wish(AgentStatus status)
    {
        lock (gate)
        {
            if (wished != status)
            {
                wished = status;
                wishes.Writer.TryWrite(status);
            }
        }
    }

    /// <summary>Somebody said otherwise (the system, after a long absence): says it again.</summary>
    public void Contradicted(AgentStatus heard)
    {
        lock (gate)
        {
            if (wished is { } status && status != heard)
            {
                wishes.Writer.TryWrite(status);
            }
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var status in wishes.Reader.ReadAllAsync(cancellationToken))
        {
            await SayAsync(status, cancellationToken);
        }
    }

    public Task<Reply<PublishResult>> SayAsync(AgentStatus status, CancellationToken cancellationToken) => publish(
        new PublishEvents
        {
            Topic = Topic.Agent(agentId).ToString(),
            AgentId = agentId,
            Events = [new PublishedEvent { Type = EventTypes.AgentStatusChanged, Data = Data.Of(new AgentStatusChanged(status)) }],
        },
        cancellationToken);
}
