using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace RealtimeHub.DemoAgent.Models;

/// <summary>Makes the chat client that the configuration asks for.</summary>
internal static class ModelFactory
{
    public static IChatClient? Create(ModelOptions options)
    {
        if (options.Endpoint is not { } endpoint)
        {
            return null;
        }

        // Servers on one's own machine want no key, but the client wants one.
        var key = new ApiKeyCredential(string.IsNullOrEmpty(options.ApiKey) ? "none" : options.ApiKey);
        return new ChatClient(options.Model, key, new OpenAIClientOptions { Endpoint = endpoint }).AsIChatClient();
    }
}
