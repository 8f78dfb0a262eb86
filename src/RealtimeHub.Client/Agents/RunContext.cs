using System.Text.Json;
using System.Threading.Channels;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>One run: what is asked, where to say what is done, and how to hear of cancellation and steering.</summary>
public sealed class RunContext
{
    // More instructions than this nobody has read; the oldest of them give way.
    private const int MaxWaitingInstructions = 64;

    private readonly Channel<string> instructions = Channel.CreateBounded<string>(
        new BoundedChannelOptions(MaxWaitingInstructions) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly CancellationTokenSource cancelled;

    internal RunContext(RunRequested request, string topic, bool isResumed, RunPublisher publisher, CancellationTokenSource cancelled)
    {
        Request = request;
        Topic = topic;
        IsResumed = isResumed;
        Publisher = publisher;
        this.cancelled = cancelled;
    }

    /// <summary>The run.</summary>
    public string RunId => Request.RunId;

    /// <summary>What is asked: input, conversation or process, deadline.</summary>
    public RunRequested Request { get; }

    /// <summary>What the agent is to do.</summary>
    public JsonElement Input => Request.Input;

    /// <summary>The topic that the run lives in.</summary>
    public string Topic { get; }

    /// <summary>An earlier process of this agent had started it already; see <see cref="RestartPolicy.Resume"/>.</summary>
    public bool IsResumed { get; }

    /// <summary>Says what the run does.</summary>
    public RunPublisher Publisher { get; }

    /// <summary>Instructions that came while the run works, in order.</summary>
    public ChannelReader<string> Instructions => instructions.Reader;

    /// <summary>Fires when somebody asks to cancel, when the run was ended elsewhere, and when the agent stops.</summary>
    public CancellationToken Cancelled => cancelled.Token;

    /// <summary>Whether somebody asked to cancel.</summary>
    public bool IsCancelRequested { get; private set; }

    /// <summary>Why somebody asked to cancel, if they said.</summary>
    public string? CancelReason { get; private set; }

    internal void Steer(string instruction) => instructions.Writer.TryWrite(instruction);

    internal void RequestCancel(string? reason)
    {
        IsCancelRequested = true;
        CancelReason ??= reason;
        _ = cancelled.CancelAsync();
    }
}
