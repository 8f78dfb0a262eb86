
namespace RealtimeHub.Server.Errors;

/// <summary>What SignalR refuses in plain text (no such connection, no connection named, not this method) looks like every other error.</summary>
/// <remarks>Stock clients look at the status alone, which stays. Sockets and event streams are left as they are: they are answered with bytes as they come.</remarks>
internal static class HubRefusals
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Post, HttpMethods.Delete];

    /// <summary>The endpoint of a hub's connections with problems in place of plain text.</summary>
    public static RequestDelegate Tell(RequestDelegate connect) => context =>
        Composition.OpensSocket(context) || context.Request.GetTypedHeaders().Accept.Any(a => a.MediaType == "text/event-stream")
            ? connect(context)
            : TellAsync(context, connect);

    /// <summary>The endpoint of a hub's negotiation, which is a POST and nothing else.</summary>
    public static RequestDelegate OnlyPost(RequestDelegate negotiate) => context =>
        HttpMethods.IsPost(context.Request.Method) ? negotiate(context) : RefuseMethodAsync(context, HttpMethods.Post);

    private static async Task TellAsync(HttpContext context, RequestDelegate connect)
    {
        var response = context.Response;
        if (!Methods.Contains(context.Request.Method, StringComparer.OrdinalIgnoreCase))
        {
            await RefuseMethodAsync(context, string.Join(", ", Methods));
            return;
        }

        var body = response.Body;
        response.Body = new RefusalBody(response, body);
        try
        {
            await connect(context);
        }
        finally
        {
            response.Body = body;
        }

        if (response is { StatusCode: >= StatusCodes.Status400BadRequest, HasStarted: false })
        {
            response.ContentLength = null;
            await Problems.WriteStatusAsync(context);
        }
    }

    private static Task RefuseMethodAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        return Problems.WriteStatusAsync(context);
    }

    /// <summary>Lets everything pass but the words of a refusal.</summary>
    private sealed class RefusalBody(HttpResponse response, Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        private bool IsRefusal => response.StatusCode >= StatusCodes.Status400BadRequest && !response.HasStarted;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            IsRefusal ? ValueTask.CompletedTask : inner.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => IsRefusal ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The server writes asynchronously.");

        public override void Flush() => throw new NotSupportedException("The server writes asynchronously.");

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
