namespace RealtimeHub.Specification;

/// <summary>Waits end with a failed test, not with a hanging one.</summary>
public static class Deadline
{
    /// <summary>Long enough for a loaded machine; nothing that works comes near it.</summary>
    public static TimeSpan Length { get; } = TimeSpan.FromSeconds(30);

    /// <summary>The result, or a <see cref="TimeoutException"/>.</summary>
    public static Task<T> Within<T>(Task<T> task) => task.WaitAsync(Length, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <inheritdoc cref="Within{T}(Task{T})"/>
    public static Task Within(Task task) => task.WaitAsync(Length, TimeProvider.System, TestContext.Current.CancellationToken);
}
