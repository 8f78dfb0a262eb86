using System.IO.Pipelines;

namespace RealtimeHub.Server.Delivery;

/// <summary>A connection's pipe that keeps each finished frame in one piece of memory.</summary>
/// <remarks>
/// The transport sends every piece as a WebSocket fragment of its own, each with its own copy and usually its own system call, and SignalR's
/// pipe cuts what is written to it into pieces of 4 KiB. In one piece a frame of 64 KiB costs one send instead of sixteen; docs/benchmarks.md
/// has what that is worth.
/// </remarks>
internal sealed class WholeFramePipe(IDuplexPipe inner) : IDuplexPipe
{
    public PipeReader Input => inner.Input;

    public PipeWriter Output { get; } = new WholeFrameWriter(inner.Output);

    private sealed class WholeFrameWriter(PipeWriter inner) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            source.Span.CopyTo(inner.GetSpan(source.Length));
            inner.Advance(source.Length);
            return inner.FlushAsync(cancellationToken);
        }

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
