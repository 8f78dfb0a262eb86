using MessagePack;
using MessagePack.Formatters;

namespace RealtimeHub.Server.Hubs.Protocols;

/// <summary>Reads and writes every type in MessagePack by way of its JSON, so that both protocols bind, refuse and name things alike.</summary>
internal sealed class JsonFormatterResolver : IFormatterResolver
{
    private JsonFormatterResolver()
    {
    }

    public static JsonFormatterResolver Instance { get; } = new();

    public IMessagePackFormatter<T> GetFormatter<T>() => Formatter<T>.Instance!;

    private static class Formatter<T>
    {
        public static readonly IMessagePackFormatter<T?> Instance = Create();

        private static IMessagePackFormatter<T?> Create() =>
            typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(Body<>)
                ? (IMessagePackFormatter<T?>)Activator.CreateInstance(typeof(BodyFormatter<>).MakeGenericType(typeof(T).GetGenericArguments()))!
                : new JsonFormatter<T>();
    }
}
