namespace MediatR;

/// <summary>Void, as a type that can be a type argument. It has one value.</summary>
public readonly struct Unit : IEquatable<Unit>, IComparable<Unit>, IComparable
{
    private static readonly Unit TheValue;

    /// <summary>The only value.</summary>
    public static ref readonly Unit Value => ref TheValue;

    /// <summary>A completed task with the only value.</summary>
    public static Task<Unit> Task { get; } = System.Threading.Tasks.Task.FromResult(TheValue);

    /// <inheritdoc/>
    public int CompareTo(Unit other) => 0;

    int IComparable.CompareTo(object? obj) => 0;

    /// <inheritdoc/>
    public bool Equals(Unit other) => true;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Unit;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;

    /// <inheritdoc/>
    public override string ToString() => "()";

    /// <summary>Always true.</summary>
    public static bool operator ==(Unit left, Unit right) => true;

    /// <summary>Always false.</summary>
    public static bool operator !=(Unit left, Unit right) => false;
}
