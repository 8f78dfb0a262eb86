using RealtimeHub.Contracts;

namespace RealtimeHub.Architecture.Tests;

public sealed class ContractsTests
{
    [Fact]
    public void Contracts_References_NothingButTheFramework()
    {
        var references = typeof(Ids).Assembly.GetReferencedAssemblies().Select(name => name.Name!);

        references.Should().OnlyContain(name => name.StartsWith("System.", StringComparison.Ordinal));
    }
}
