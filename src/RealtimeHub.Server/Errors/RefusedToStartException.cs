namespace RealtimeHub.Server.Errors;

/// <summary>The configuration cannot be served safely. The message is one sentence for whoever starts the server; the host prints it and exits.</summary>
internal sealed class RefusedToStartException(string message) : Exception(message);
