namespace NATS.NKeys;

/// <summary>A key or seed that cannot be used.</summary>
public sealed class NKeysException(string message) : Exception(message);
