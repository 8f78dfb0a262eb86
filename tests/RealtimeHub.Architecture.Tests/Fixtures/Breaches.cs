// Code that breaks the rules of the tests, so that each rule is seen to find something.
namespace RealtimeHub.Architecture.Tests.Fixtures.Features.Left
{
    internal sealed class Knowing
    {
        public Right.Internals? Forbidden { get; init; }
    }
}

namespace RealtimeHub.Architecture.Tests.Fixtures.Features.Right
{
    internal sealed class Internals;
}

namespace RealtimeHub.Architecture.Tests.Fixtures.Hubs
{
    internal sealed class BlockingHub : Microsoft.AspNetCore.SignalR.Hub
    {
        public string Mutate() => Context.ConnectionId;
    }
}
