using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Server;

/// <summary>A WebSocket on a hub without a SignalR client around it: whatever is sent goes out as it is.</summary>
public sealed class RawSocket : IAsyncDisposable
{
    private readonly ClientWebSocket socket = new();
    private readonly StringBuilder unread = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A socket before its handshake.</summary>
    public static async Task<RawSocket> OpenAsync(Person person, string hub)
    {
        var raw = new RawSocket();
        raw.socket.Options.SetRequestHeader("Authorization", $"Bearer {person.Token}");
        var address = new UriBuilder(new Uri(person.Address, hub)) { Scheme = "ws" };
        await Deadline.Within(raw.socket.ConnectAsync(address.Uri, Cancelled));
        return raw;
    }

    /// <summary>A socket that speaks JSON.</summary>
    public static async Task<RawSocket> ConnectAsync(Person person, string hub)
    {
        var raw = await OpenAsync(person, hub);
        await raw.SendAsync("""{"protocol":"json","version":1}""" + "\u001e");
        (await raw.ReadAsync()).Should().Be("{}");
        return raw;
    }

    public async Task SendAsync(string text) => await SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public async Task SendAsync(byte[] bytes, WebSocketMessageType type) =>
        await Deadline.Within(socket.SendAsync(bytes, type, endOfMessage: true, Cancelled));

    /// <summary>Calls a method with arguments as they are written here, and answers the completion.</summary>
    public async Task<JsonObject> CallAsync(string method, string arguments)
    {
        await SendAsync($$"""{"type":1,"invocationId":"1","target":"{{method}}","arguments":[{{arguments}}]}""" + "\u001e");
        while (true)
        {
            var message = JsonNode.Parse(await ReadAsync() ?? throw new InvalidOperationException("The connection ended."))!.AsObject();
            if ((int?)message["type"] == 3)
            {
                return message;
            }
        }
    }

    /// <summary>The next message; null when the server ended the connection.</summary>
    public async Task<string?> ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var text = unread.ToString();
            if (text.IndexOf('\u001e', StringComparison.Ordinal) is var end and >= 0)
            {
                unread.Remove(0, end + 1);
                return text[..end];
            }

            try
            {
                var result = await Deadline.Within(socket.ReceiveAsync(buffer, Cancelled));
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                unread.Append(Encoding.UTF8.GetString(buffer, 0, result.Count));
            }
            catch (WebSocketException)
            {
                return null;
            }
        }
    }

    /// <summary>The next WebSocket message as it is, up to 16 KiB.</summary>
    public async Task<byte[]> ReadBytesAsync()
    {
        var buffer = new byte[16 * 1024];
        var result = await Deadline.Within(socket.ReceiveAsync(buffer, Cancelled));
        result.EndOfMessage.Should().BeTrue();
        return buffer[..result.Count];
    }

    /// <summary>Reads until the server ends the connection.</summary>
    public async Task EndAsync()
    {
        while (await ReadAsync() is not null)
        {
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
