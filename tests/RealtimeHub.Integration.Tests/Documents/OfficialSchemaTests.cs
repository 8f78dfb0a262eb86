using RealtimeHub.Integration.Tests.Identity;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Documents;

/// <summary>The documents in the eyes of those who made the formats.</summary>
public sealed class OfficialSchemaTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    /// <summary>AsyncAPI against its official schema; each JSON Schema against the meta-schema, strictly.</summary>
    [Fact]
    public async Task Documents_HeldAgainstTheOfficialSchemas_AreValid()
    {
        using var script = await JavaScriptClient.StartScriptAsync("check-contract.mjs", server.Address.ToString());

        (await script.AnswerAsync()).Should().Be("ok");
    }
}
