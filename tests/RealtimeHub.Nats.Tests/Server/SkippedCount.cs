using System.Diagnostics.Metrics;

namespace RealtimeHub.Nats.Tests.Server;

/// <summary>How many messages were counted as skipped in the asynchronous flow that made this: other tests skip some beside it.</summary>
internal sealed class SkippedCount : IDisposable
{
    private readonly AsyncLocal<bool> isOwn = new() { Value = true };
    private readonly MeterListener listener = new();
    private long count;

    public SkippedCount()
    {
        listener.SetMeasurementEventCallback<long>((_, measurement, _, _) =>
        {
            if (isOwn.Value)
            {
                Interlocked.Add(ref count, measurement);
            }
        });
        listener.InstrumentPublished = (instrument, itself) =>
        {
            if (instrument.Name == "realtimehub.log.skipped")
            {
                itself.EnableMeasurementEvents(instrument);
            }
        };
        listener.Start();
    }

    public long Count => Interlocked.Read(ref count);

    public void Dispose() => listener.Dispose();
}
