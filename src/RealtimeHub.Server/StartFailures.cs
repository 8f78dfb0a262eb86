using Microsoft.AspNetCore.Connections;
using RealtimeHub.Server.Errors;

namespace RealtimeHub.Server;

/// <summary>Why the server did not start, in a sentence, where whoever starts it can do something about it.</summary>
internal static class StartFailures
{
    /// <summary>The sentence; null for a fault of ours, whose stack trace is worth more.</summary>
    public static string? Explain(Exception e) => e switch
    {
        RefusedToStartException => e.Message,
        IOException { InnerException: AddressInUseException } => $"{e.Message} Choose another with ASPNETCORE_URLS=http://localhost:PORT.",
        InvalidOperationException when e.Source == "RealtimeHub.Sqlite" => e.Message,
        _ => null,
    };
}
