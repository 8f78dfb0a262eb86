using System.Net;

namespace RealtimeHub.Benchmarks.Clients;

/// <summary>How a client comes to be subscribed.</summary>
/// <param name="Server">Where it connects to.</param>
/// <param name="Upgrade">What it sends first.</param>
/// <param name="Hello">What it sends when it is a WebSocket.</param>
/// <param name="ReadySign">What the server's answer holds when the client is subscribed.</param>
/// <param name="Refusals">What an answer holds that says no.</param>
/// <param name="KeepAlive">What it sends every few seconds, if the server wants that.</param>
internal sealed record ClientPlan(EndPoint Server, byte[] Upgrade, byte[] Hello, string ReadySign, string[] Refusals, byte[]? KeepAlive);
