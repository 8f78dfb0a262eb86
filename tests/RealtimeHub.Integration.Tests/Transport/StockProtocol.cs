using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using MessagePack;
using MessagePack.Resolvers;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Server.Delivery;

namespace RealtimeHub.Integration.Tests.Transport;

/// <summary>A stock hub protocol that reads frames into trees, and the encoder whose frames it should understand.</summary>
internal sealed class StockProtocol(IHubProtocol protocol, Type argument, IMessageEncoder encoder) : IInvocationBinder
{
    public IHubProtocol Protocol => protocol;

    public IMessageEncoder Encoder => encoder;

    public static StockProtocol Named(string name) => name == "json"
        ? new(new JsonHubProtocol(), typeof(JsonNode), new JsonMessageEncoder())
        : new(
            new MessagePackHubProtocol(Options.Create(new MessagePackHubProtocolOptions
            {
                SerializerOptions = MessagePackSerializerOptions.Standard.WithResolver(ContractlessStandardResolver.Instance),
            })),
            typeof(object),
            new MessagePackMessageEncoder());

    /// <summary>The frame's one message: which method it calls, with what.</summary>
    public (string Target, JsonNode? Argument) Parse(ReadOnlyMemory<byte> frame)
    {
        var input = new ReadOnlySequence<byte>(frame);
        protocol.TryParseMessage(ref input, this, out var message).Should().BeTrue();
        input.IsEmpty.Should().BeTrue("a frame is one message");
        var invocation = message.Should().BeOfType<InvocationMessage>().Subject;
        invocation.InvocationId.Should().BeNull();
        invocation.Headers.Should().BeNull();
        (invocation.StreamIds ?? []).Should().BeEmpty();
        var value = invocation.Arguments.Should().ContainSingle().Subject;
        return (invocation.Target, value is JsonNode node ? node : Trees.FromObject(value));
    }

    /// <summary>What the stock protocol itself writes.</summary>
    public ReadOnlyMemory<byte> Write(string target, JsonNode? value) => protocol.GetMessageBytes(
        new InvocationMessage(target, [protocol.Name == "json" ? JsonSerializer.SerializeToElement(value) : Trees.ToObject(value)]));

    public Type GetReturnType(string invocationId) => throw new NotSupportedException();

    public IReadOnlyList<Type> GetParameterTypes(string methodName) => [argument];

    public Type GetStreamItemType(string streamId) => throw new NotSupportedException();
}
