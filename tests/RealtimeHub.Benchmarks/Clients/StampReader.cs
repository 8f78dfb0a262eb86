namespace RealtimeHub.Benchmarks.Clients;

/// <summary>Reads the time that stands behind each event's marker, also where a frame ends within it.</summary>
internal struct StampReader
{
    private int digits;
    private long value;

    public void Read(ReadOnlySpan<byte> payload, long now, LatencyRecorder recorder)
    {
        while (true)
        {
            if (digits == 0)
            {
                var marker = payload.IndexOf(BenchEvent.Marker);
                if (marker < 0)
                {
                    return;
                }

                payload = payload[(marker + 1)..];
                (digits, value) = (BenchEvent.StampDigits, 0);
            }

            for (; digits > 0 && !payload.IsEmpty; digits--, payload = payload[1..])
            {
                value = (value * 10) + (payload[0] - '0');
            }

            if (digits > 0)
            {
                return;
            }

            recorder.Add(now - value);
        }
    }
}
