using System.Runtime.InteropServices;

namespace RealtimeHub.Benchmarks.Clients;

/// <summary>The calls of the C library that read many sockets with one thread and nothing between.</summary>
internal static partial class Libc
{
    /// <summary>MSG_DONTWAIT: answer at once.</summary>
    public const int DontWait = 0x40;

    /// <summary>EPOLL_CLOEXEC: not for the processes that are started later.</summary>
    public const int CloseOnExec = 0x80000;

    public const int Add = 1;
    public const int Delete = 2;
    public const uint Readable = 1;

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, ref byte buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int socket, ref byte change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, ref byte events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int handle);
}
