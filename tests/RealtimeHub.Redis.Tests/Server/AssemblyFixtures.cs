using RealtimeHub.TestServers;

[assembly: AssemblyFixture(typeof(SharedRedis))]
