using RealtimeHub.TestServers;

[assembly: AssemblyFixture(typeof(SharedNats))]
