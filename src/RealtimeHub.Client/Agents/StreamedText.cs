using System.Text;
using System.Text.Json;

namespace RealtimeHub.Client;

/// <summary>A message or a line of reasoning that is written bit by bit.</summary>
/// <remarks>
/// Keeps the offsets (UTF-16 units, as the wire counts) and never cuts a surrogate pair: half of one waits for the other
/// half. One writer at a time.
/// </remarks>
public sealed class StreamedText
{
    /// <summary>What the server takes for one message or reasoning, in bytes of UTF-8.</summary>
    public const int MaxBytes = 256 * 1024;

    private readonly RunPublisher publisher;
    private readonly Func<string, int, (string Type, JsonElement Data)> delta;
    private readonly Func<string, bool?, (string Type, JsonElement Data)> completed;
    private readonly StringBuilder text = new();
    private int bytes;
    private char? half;

    internal StreamedText(
        RunPublisher publisher,
        string id,
        Func<string, int, (string Type, JsonElement Data)> delta,
        Func<string, bool?, (string Type, JsonElement Data)> completed)
    {
        this.publisher = publisher;
        this.delta = delta;
        this.completed = completed;
        Id = id;
    }

    /// <summary>The message's or reasoning's id.</summary>
    public string Id { get; }

    /// <summary>Whether it was completed.</summary>
    public bool IsCompleted { get; private set; }

    /// <summary>What was written so far.</summary>
    public override string ToString() => text.ToString();

    /// <summary>Writes on. Waits only while the server is far behind.</summary>
    /// <exception cref="InvalidOperationException">It was completed, or would pass <see cref="MaxBytes"/>.</exception>
    public async Task AppendAsync(string more, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(more);
        if (IsCompleted)
        {
            throw new InvalidOperationException("The text was completed.");
        }

        var whole = WholeCharacters(more);
        if (whole.Length == 0)
        {
            return;
        }

        var size = Encoding.UTF8.GetByteCount(whole);
        if (bytes + size > MaxBytes)
        {
            throw new InvalidOperationException($"A text may hold {MaxBytes} bytes; complete this one and begin another.");
        }

        var offset = text.Length;
        text.Append(whole);
        bytes += size;
        var (type, data) = delta(whole, offset);
        await publisher.EnqueueAsync(type, data, cancellationToken);
    }

    /// <summary>Says that it is whole. Completing twice does nothing.</summary>
    /// <param name="incomplete">It was cut off.</param>
    /// <param name="cancellationToken">Gives up waiting for room in the queue.</param>
    public async Task CompleteAsync(bool incomplete = false, CancellationToken cancellationToken = default)
    {
        if (IsCompleted)
        {
            return;
        }

        IsCompleted = true;
        publisher.Closed(this);
        var (type, data) = completed(text.ToString(), incomplete ? true : null);
        await publisher.EnqueueAsync(type, data, cancellationToken);
    }

    // The server refuses lone surrogates: half a pair at the end waits, any other becomes U+FFFD.
    private string WholeCharacters(string more)
    {
        var joined = half is { } first ? first + more : more;
        half = joined.Length > 0 && char.IsHighSurrogate(joined[^1]) ? joined[^1] : null;
        joined = half is null ? joined : joined[..^1];
        if (!joined.Any(char.IsSurrogate))
        {
            return joined;
        }

        var clean = new StringBuilder(joined.Length);
        foreach (var rune in joined.EnumerateRunes())
        {
            clean.Append(rune);
        }

        return clean.ToString();
    }
}
