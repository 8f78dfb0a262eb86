using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RealtimeHub.Benchmarks.Clients;

/// <summary>Says which sockets can be read; each is known by a number.</summary>
internal sealed class Epoll : IDisposable
{
    private const int MostAtOnce = 512;
    private const int Interrupted = 4; // EINTR

    // The kernel's structure is packed on x64 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EntrySize = DataOffset + 8;

    private readonly int handle = Libc.EpollCreate(Libc.CloseOnExec);
    private readonly byte[] events = GC.AllocateArray<byte>(MostAtOnce * EntrySize, pinned: true);

    public void Add(int socket, int number)
    {
        Span<byte> change = stackalloc byte[16];
        MemoryMarshal.Write(change, Libc.Readable);
        MemoryMarshal.Write(change[DataOffset..], (long)number);
        Check(Libc.EpollControl(handle, Libc.Add, socket, ref change[0]));
    }

    public void Remove(int socket)
    {
        Span<byte> change = stackalloc byte[16];
        Check(Libc.EpollControl(handle, Libc.Delete, socket, ref change[0]));
    }

    /// <summary>Waits until a socket can be read, or the time is over; returns how many can.</summary>
    public int Wait(int milliseconds)
    {
        var count = Libc.EpollWait(handle, ref events[0], MostAtOnce, milliseconds);
        return count < 0 && Marshal.GetLastPInvokeError() == Interrupted ? 0 : Check(count);
    }

    /// <summary>Number of one of the sockets that <see cref="Wait"/> found.</summary>
    public int NumberAt(int index) => (int)Unsafe.ReadUnaligned<long>(ref events[(index * EntrySize) + DataOffset]);

    public void Dispose() => _ = Libc.Close(handle);

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
