using System.Reflection;
using Microsoft.AspNetCore.SignalR;
using RealtimeHub.Server.Hubs;

namespace RealtimeHub.Architecture.Tests;

/// <summary>What hubs may look like.</summary>
public sealed class HubTests
{
    [Fact]
    public void HubMethods_OfTheProduct_ReturnATask() =>
        BlockingHubMethods(typeof(OperatorHub).Assembly).Should().BeEmpty();

    [Fact]
    public void HubMethods_OfTheFixture_AreFoundBlocking() =>
        BlockingHubMethods(typeof(HubTests).Assembly).Should().ContainSingle(m => m.Name == "Mutate");

    [Fact]
    public void EventsHub_Methods_AreReadOnly() =>
        HubMethods(typeof(EventsHub)).Select(m => m.Name).Should().BeEquivalentTo("Subscribe", "Unsubscribe");

    private static IEnumerable<MethodInfo> BlockingHubMethods(Assembly assembly) =>
        assembly.GetTypes().Where(t => t is { IsAbstract: false } && t.IsAssignableTo(typeof(Hub)))
            .SelectMany(HubMethods).Where(m => !m.ReturnType.IsAssignableTo(typeof(Task)));

    private static IEnumerable<MethodInfo> HubMethods(Type hub) =>
        hub.GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(m => m.DeclaringType?.Assembly == hub.Assembly && m.GetBaseDefinition().DeclaringType?.Assembly == hub.Assembly && !m.IsSpecialName);
}
