using RealtimeHub.Benchmarks.Reporting;

namespace RealtimeHub.Benchmarks.Running;

/// <summary>What a server holds after a collection; the heap is not a number where there is none to ask for.</summary>
internal readonly record struct Memory(double Resident, double Heap)
{
    public static async Task<Memory> OfAsync(MeasuredSystem system)
    {
        var heap = await system.CollectAsync();
        return new Memory(system.Usage.ResidentBytes, heap ?? double.NaN);
    }

    public static Memory operator -(Memory left, Memory right) => new(left.Resident - right.Resident, left.Heap - right.Heap);

    public static Memory operator /(Memory memory, int count) => new(memory.Resident / count, memory.Heap / count);

    public override string ToString() => $"resident {Kibibytes(Resident)} KiB, heap {Kibibytes(Heap)} KiB";

    /// <summary>For a table.</summary>
    public static string Kibibytes(double bytes) => Table.Number(bytes / 1024);
}
