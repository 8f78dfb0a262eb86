using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Integration.Tests.Parity;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Integration.Tests.Permissions;

/// <summary>Every request type, by everybody, with every scope alone and with all of them, over every surface: the protocol's answer, and one audit record for a denial.</summary>
public sealed class PermissionMatrixTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    /// <summary>Owner, member, observer, agent, stranger, and two of another tenant.</summary>
    private static readonly string[] People = ["olga", "mia", "otto", "wren", "sam", "olga@elsewhere", "wren@elsewhere"];

    private static readonly IReadOnlyList<IReadOnlyList<string>> ScopeSets = [Person.EveryScope, .. Scopes.All.Select(s => new[] { s })];

    private UseCases UseCases => server.Services.GetRequiredService<UseCases>();

    public static TheoryData<string> Requests() => [.. PermissionTable.All.Select(r => r.Request.Name)];

    [Fact]
    public void Table_EveryRequestType_HasARow() =>
        PermissionTable.All.Select(r => r.Request).Should().BeEquivalentTo(UseCases.All.Select(u => u.RequestType));

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Send_ByEverybodyWithEveryScope_IsAnsweredAsTheProtocolSays(string request)
    {
        var row = PermissionTable.All.Single(r => r.Request.Name == request);
        var everybody = People.SelectMany(_ => ScopeSets, (name, scopes) => new Who(name, scopes)).ToList();
        var surfaces = SurfacesOf(row.Request);

        // Who is denied changes nothing, so all of them share a world.
        await using var world = await ArrangeAsync(row.Request);
        foreach (var who in everybody.Where(w => row.CodeFor(w) != "ok"))
        {
            foreach (var surface in surfaces)
            {
                await CheckAsync(row, who, surface, world);
            }

            await world.DisconnectAsync();
        }

        foreach (var who in everybody.Where(w => row.CodeFor(w) == "ok"))
        {
            foreach (var surface in surfaces)
            {
                await using var fresh = await ArrangeAsync(row.Request);
                await CheckAsync(row, who, surface, fresh);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Send_AboutWhatIsHidden_IsAnsweredAsAboutWhatIsNotThere(string request)
    {
        var row = PermissionTable.All.Single(r => r.Request.Name == request);
        var body = ParityTable.All.Single(c => c.Request == row.Request).Valid.Body;
        await using var world = await ArrangeAsync(row.Request);
        foreach (var who in People.Select(name => new Who(name, Person.EveryScope)).Where(w => row.CodeFor(w) == "not_found"))
        {
            foreach (var surface in SurfacesOf(row.Request))
            {
                var hidden = await surface.SendAsync(world, who.Called, world.Fill(body));
                var absent = await surface.SendAsync(world, who.Called, Absent(row.Request, world.Fill(body)));

                Told(hidden).Should().Be(Told(absent), "{0} asks for what is hidden over {1}", who, surface);
            }
        }

        static string Told(Reaction reaction) => Back($"{reaction.Code} {reaction.Value?.ToJsonString()} {reaction.Problem?.ToJsonString()}");
    }

    // A publisher names the agent that it speaks for, which is no secret to it.
    private static JsonObject Absent(Type request, JsonObject body)
    {
        var gone = body.ToJsonString().Replace("talk", "gone", StringComparison.Ordinal);
        return Json.Object(request == typeof(PublishEvents) ? gone : gone.Replace("writer", "ghost", StringComparison.Ordinal));
    }

    private static string Back(string text) => text.Replace("gone", "talk", StringComparison.Ordinal).Replace("ghost", "writer", StringComparison.Ordinal);

    private static async Task CheckAsync(MatrixRow row, Who who, ParitySurface surface, ParityWorld world)
    {
        var body = ParityTable.All.Single(c => c.Request == row.Request).Valid.Body;
        var audited = world.Audit().Count;

        var reaction = await surface.SendAsync(world, who.Called, world.Fill(body));

        var expected = row.CodeFor(who);
        CodeOf(reaction).Should().Be(expected, "{0} sends {1} over {2}", who, row.Request.Name, surface);
        world.Audit().Skip(audited).Select(a => (a.Surface, a.Outcome.ToString())).Should().Equal(
            expected == "ok" ? [] : [(surface.Offer.Surface, string.Concat(expected.Split('_').Select(w => char.ToUpperInvariant(w[0]) + w[1..])))],
            "{0} sends {1} over {2}", who, row.Request.Name, surface);
    }

    // A subscription is answered for each topic.
    private static string CodeOf(Reaction reaction) => (string?)(reaction.Value as JsonObject)?["subscriptions"]?[0]?["status"] ?? reaction.Code;

    // What differs between the hub protocols is the parity tests' matter.
    private List<ParitySurface> SurfacesOf(Type request) =>
    [
        .. ParitySurface.Of(UseCases.All.Single(u => u.RequestType == request).Rules)
            .Where(s => s is not HubSurface { Protocol: HubProtocol.MessagePack } && s.CanSay(ParityTable.All.Single(c => c.Request == request).Valid.Body)),
    ];

    private async Task<ParityWorld> ArrangeAsync(Type request)
    {
        var world = new ParityWorld(server);
        await world.PopulateAsync();
        await (ParityTable.All.Single(c => c.Request == request).Valid.Arrange?.Invoke(world) ?? Task.CompletedTask);
        if (world.Run is null)
        {
            await world.StartRunAsync(); // the agent sees the conversation while it works there
        }

        return world;
    }
}
