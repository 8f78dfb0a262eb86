using MessagePack;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RealtimeHub.Server.Hubs.Protocols;

/// <summary>The hub protocols that are spoken.</summary>
internal static class HubProtocolsRegistration
{
    /// <summary>The JSON hub protocol.</summary>
    public const string Json = "json";

    /// <summary>The MessagePack hub protocol.</summary>
    public const string MessagePack = "messagepack";

    /// <summary>JSON and MessagePack, both by the same contracts.</summary>
    public static ISignalRServerBuilder AddHubProtocols(this ISignalRServerBuilder builder)
    {
        builder.Services.Configure<JsonHubProtocolOptions>(options => options.PayloadSerializerOptions = HubJson.Options);
        builder.Services.AddSingleton<JsonHubProtocol>();
        builder.Services.RemoveAll<IHubProtocol>(); // AddSignalR has added the framework's own
        builder.Services.AddSingleton<IHubProtocol, ShallowJsonProtocol>();
        builder.AddMessagePackProtocol(options => options.SerializerOptions = MessagePackSerializerOptions.Standard
            .WithResolver(JsonFormatterResolver.Instance)
            .WithSecurity(MessagePackSecurity.UntrustedData));

        // Named, because a message to many is written once for each protocol that is supported, used or not.
        builder.Services.Configure<HubOptions>(options => options.SupportedProtocols = [Json, MessagePack]);
        return builder;
    }
}
