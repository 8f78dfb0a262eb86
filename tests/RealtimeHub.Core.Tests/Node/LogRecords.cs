using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RealtimeHub.Core.Tests.Node;

/// <summary>What a node logged.</summary>
internal sealed class LogRecords
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> records = [];

    /// <summary>Bugs: what the pipeline answers with <c>internal</c>, and what stopped the projector.</summary>
    public IEnumerable<string> Errors => records.Where(r => r.Level >= LogLevel.Error).Select(r => r.Text);

    public IEnumerable<string> Warnings => records.Where(r => r.Level == LogLevel.Warning).Select(r => r.Text);

    public void Add(LogLevel level, string text) => records.Enqueue((level, text));
}

/// <summary>A logger that keeps what it is told.</summary>
internal sealed class RecordingLogger<T>(LogRecords records) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        records.Add(logLevel, $"{formatter(state, exception)} {exception}");
}
