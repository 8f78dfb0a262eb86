using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace RealtimeHub.Server.Hubs.Protocols;

/// <summary>The JSON hub protocol, for which a message that is nested too deeply is a request like any other that does not bind.</summary>
/// <remarks>
/// The framework's reader gives up at <see cref="HubJson.MaxDepth"/> levels and ends the connection. What lies deeper than any request
/// may is cut away before it reads; what is left is still too deep for every request, so it is refused with its path.
/// </remarks>
internal sealed class ShallowJsonProtocol(JsonHubProtocol json) : IHubProtocol
{
    private const byte RecordSeparator = 0x1e;

    // Deeper than a request may be with the message around it, and shallower than the reader allows.
    private const int KeptDepth = 56;

    public string Name => json.Name;

    public int Version => json.Version;

    public TransferFormat TransferFormat => json.TransferFormat;

    public bool IsVersionSupported(int version) => json.IsVersionSupported(version);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => json.GetMessageBytes(message);

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => json.WriteMessage(message, output);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        if (input.PositionOf(RecordSeparator) is not { } end || !MayBeDeep(input.Slice(0, end)))
        {
            return json.TryParseMessage(ref input, binder, out message);
        }

        var shallow = new ReadOnlySequence<byte>(Cut(input.Slice(0, end)));
        input = input.Slice(input.GetPosition(1, end));
        return json.TryParseMessage(ref shallow, binder, out message);
    }

    // Almost no message has as many brackets as it would take.
    private static bool MayBeDeep(in ReadOnlySequence<byte> message)
    {
        var opened = 0L;
        foreach (var segment in message)
        {
            opened += segment.Span.Count((byte)'{') + segment.Span.Count((byte)'[');
        }

        return opened > KeptDepth;
    }

    // Looks at nothing but brackets and strings: what is no JSON stays none.
    private static byte[] Cut(in ReadOnlySequence<byte> message)
    {
        var kept = new ArrayBufferWriter<byte>((int)message.Length + 1);
        var (depth, inString, escaped) = (0, false, false);
        foreach (var segment in message)
        {
            foreach (var b in segment.Span)
            {
                var opens = !inString && (b is (byte)'{' or (byte)'[');
                depth += opens ? 1 : 0;
                if (depth <= KeptDepth)
                {
                    kept.Write([b]);
                }
                else if (opens && depth == KeptDepth + 1)
                {
                    kept.Write("0"u8);
                }

                depth -= !inString && (b is (byte)'}' or (byte)']') ? 1 : 0;
                (inString, escaped) = (inString ? escaped || b != (byte)'"' : b == (byte)'"', inString && !escaped && b == (byte)'\\');
            }
        }

        kept.Write([RecordSeparator]);
        return kept.WrittenSpan.ToArray();
    }
}
