using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace RealtimeHub.Client.Connection;

/// <summary>Keeps the wire's order between replies and pushes.</summary>
/// <remarks>
/// SignalR's client completes a call as soon as its reply is read, while the pushes that were read before it may still
/// wait for their handlers. "After the reply of Unsubscribe no event arrives" holds on the wire and would not hold here.
/// So the pushes are counted as they are read and as they are handled, and a reply waits until it is its turn.
/// </remarks>
internal sealed class OrderedProtocol(IHubProtocol inner, IReadOnlySet<string> pushes) : IHubProtocol
{
    private readonly Lock gate = new();
    private readonly List<(long Read, TaskCompletionSource Turn)> waiting = [];
    private long read;
    private long handled;

    public string Name => inner.Name;

    public int Version => inner.Version;

    public TransferFormat TransferFormat => inner.TransferFormat;

    /// <summary>Called with what was wrong when a push does not bind: going on would be a silent gap.</summary>
    public Action<Exception>? PushDidNotBind { get; set; }

    /// <summary>
    /// Called with each push as it is read. What is said right before the end must be heard here: SignalR's client may
    /// report the end before the handlers of the last pushes ran.
    /// </summary>
    public Action<InvocationMessage>? PushRead { get; set; }

    public bool IsVersionSupported(int version) => inner.IsVersionSupported(version);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        if (!inner.TryParseMessage(ref input, binder, out message))
        {
            return false;
        }

        switch (message)
        {
            case InvocationMessage push when pushes.Contains(push.Target):
                lock (gate)
                {
                    read++;
                }

                PushRead?.Invoke(push);
                break;
            case InvocationBindingFailureMessage failure when pushes.Contains(failure.Target):
                PushDidNotBind?.Invoke(failure.BindingFailure.SourceException);
                break;
        }

        return true;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => inner.WriteMessage(message, output);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => inner.GetMessageBytes(message);

    /// <summary>A push was handled.</summary>
    public void Handled()
    {
        lock (gate)
        {
            handled++;
            for (var i = waiting.Count - 1; i >= 0; i--)
            {
                if (waiting[i].Read <= handled)
                {
                    waiting[i].Turn.TrySetResult();
                    waiting.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>Completes when every push that was read until now has been handled.</summary>
    public Task HandledSoFar()
    {
        lock (gate)
        {
            if (handled >= read)
            {
                return Task.CompletedTask;
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((read, turn));
            return turn.Task;
        }
    }
}
