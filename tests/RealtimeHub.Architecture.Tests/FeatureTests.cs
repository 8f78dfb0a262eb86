using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace RealtimeHub.Architecture.Tests;

/// <summary>A feature may use another's requests and states, never its handlers and validators.</summary>
public sealed class FeatureTests
{
    [Fact]
    public void Features_OfTheProduct_LeaveEachOthersHandlersAlone() =>
        Breaches(Load(typeof(Core.Log.IEventLog).Assembly), "RealtimeHub.Core.Features.", IsInternal).Should().BeEmpty();

    [Fact]
    public void Features_OfTheFixture_AreFoundTouching() =>
        Breaches(Load(typeof(FeatureTests).Assembly), "RealtimeHub.Architecture.Tests.Fixtures.Features.", t => t.Name == "Internals")
            .Should().ContainSingle().Which.Should().Contain("Knowing");

    private static ArchUnitNET.Domain.Architecture Load(Assembly assembly) => new ArchLoader().LoadAssemblies(assembly).Build();

    private static bool IsInternal(IType type) =>
        type.Name.EndsWith("Handler", StringComparison.Ordinal) && !type.Name.StartsWith("ListHandler", StringComparison.Ordinal);

    private static IEnumerable<string> Breaches(ArchUnitNET.Domain.Architecture architecture, string root, Func<IType, bool> isInternal) =>
        from type in architecture.Types
        where Namespace(type).StartsWith(root, StringComparison.Ordinal)
        from target in type.Dependencies.Select(d => d.Target).Distinct()
        where Namespace(target).StartsWith(root, StringComparison.Ordinal) && Namespace(target) != Namespace(type) && isInternal(target)
        select $"{type.FullName} uses {target.FullName}";

    private static string Namespace(IType type) => type.Namespace?.FullName ?? "";
}
