namespace RealtimeHub.Sqlite.Database;

/// <summary>Keeps a folder for this process alone.</summary>
/// <remarks>
/// Two writers on one database would each believe to know its head: tails would not wake and appends would time out. The operating
/// system holds the lock with the open file, so it ends with the process, however that ends. The file itself stays: removing it would
/// let two processes lock two files of one name.
/// </remarks>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream file;

    // EAGAIN on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows: what opening a locked file fails with.
    private static readonly int[] HeldByAnother = [11, 35, unchecked((int)0x80070020)];

    private FolderLock(FileStream file) => this.file = file;

    /// <exception cref="InvalidOperationException">Another process, or another database of this one, uses the folder.</exception>
    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, "realtimehub.lock");
        try
        {
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (HeldByAnother.Contains(e.HResult))
        {
            throw new InvalidOperationException(
                $"The storage folder '{folder}' is in use by another process, which holds '{path}'. "
                + "One folder serves one server: stop the other, or give this one a folder of its own.", e);
        }
    }

    public void Dispose() => file.Dispose();
}
