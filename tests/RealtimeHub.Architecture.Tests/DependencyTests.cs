using RealtimeHub.Client;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Nats;
using RealtimeHub.Redis;
using RealtimeHub.Sqlite;

namespace RealtimeHub.Architecture.Tests;

public sealed class DependencyTests
{
    [Fact]
    public void Contracts_References_NothingButTheFramework() =>
        DependencyRules.BreachesOfContracts(typeof(Ids).Assembly).Should().BeEmpty();

    [Fact]
    public void Core_References_NoTransportAndNoStore() =>
        DependencyRules.BreachesOfCore(typeof(IEventLog).Assembly).Should().BeEmpty();

    [Fact]
    public void Sqlite_References_CoreAlone() =>
        DependencyRules.BreachesOfBackend(typeof(SqliteStorageExtensions).Assembly).Should().BeEmpty();

    [Fact]
    public void Nats_References_CoreAlone() =>
        DependencyRules.BreachesOfBackend(typeof(NatsStorageExtensions).Assembly).Should().BeEmpty();

    [Fact]
    public void Redis_References_CoreAndSignalRAlone() =>
        DependencyRules.BreachesOfBackplane(typeof(RedisBackplaneExtensions).Assembly).Should().BeEmpty();

    [Fact]
    public void Client_References_ContractsAlone() =>
        DependencyRules.BreachesOfClient(typeof(RealtimeHubClient).Assembly).Should().BeEmpty();

    // The server knows everybody, so it breaks every rule: a rule that found nothing there would find nothing anywhere.
    [Fact]
    public void Rules_OnAnAssemblyThatBreaksThem_SayWhat()
    {
        var server = typeof(Server.Hubs.OperatorHub).Assembly;

        DependencyRules.BreachesOfContracts(server).Should().Contain("RealtimeHub.Core");
        DependencyRules.BreachesOfCore(server).Should().Contain(["RealtimeHub.Sqlite", "Microsoft.AspNetCore.SignalR.Core"]);
        DependencyRules.BreachesOfBackend(server).Should().Contain("RealtimeHub.Sqlite");
        DependencyRules.BreachesOfBackplane(server).Should().Contain(["RealtimeHub.Redis", "RealtimeHub.Nats"]);
        DependencyRules.BreachesOfClient(server).Should().Contain("RealtimeHub.Core");
    }
}
