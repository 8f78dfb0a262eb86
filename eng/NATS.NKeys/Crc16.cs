namespace NATS.NKeys;

/// <summary>CRC-16/XMODEM: polynomial 0x1021, start 0.</summary>
internal static class Crc16
{
    public static ushort Of(ReadOnlySpan<byte> data)
    {
        ushort crc = 0;
        foreach (var b in data)
        {
            crc ^= (ushort)(b << 8);
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
            }
        }

        return crc;
    }
}
