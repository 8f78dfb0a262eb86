using RealtimeHub.Contracts;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

public sealed class SmokeTests
{
    [Fact]
    public async Task Create_Valid_IsStored()
    {
        await using var node = new CoreNode();
        await node.StartAsync();

        var reply = await node.Send(Callers.Ada, new CreateConversation { Title = "T" });

        reply.Ok.Should().BeTrue();
        await node.ProjectedAsync();
        node.Log.Events.Should().ContainSingle();
    }
}
