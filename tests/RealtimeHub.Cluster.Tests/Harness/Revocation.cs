using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Integration.Tests.Server;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>A session that is revoked on one node, whatever else is away.</summary>
internal static class Revocation
{
    /// <summary>Somebody who is connected to the second node is revoked on the first, and is out within a second.</summary>
    public static async Task EndsOnTheOtherNodeWithinASecondAsync(ServerCluster cluster, Person ada)
    {
        var mia = await cluster.SignInAsync("mia", node: 1);
        await using var hub = await mia.ConnectAsync(HubPaths.Operator);

        // Once for somebody else, so that no server has to compile anything.
        var max = await cluster.SignInAsync("max", node: 1);
        await using var other = await max.ConnectAsync(HubPaths.Operator);
        await RevokeAsync("max");
        await other.Received.PushAsync(p => p.Method == "Closing");
        await RevokeAsync("mia");

        await hub.Received.PushAsync(p => p.Method == "Closing" && (string?)p.Message["code"] == "revoked")
            .WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        (await mia.Api.GetAsync("/api/v1/me")).Problem(401, "unauthenticated");

        async Task RevokeAsync(string user) => (await ada.Api.PostAsync(
            "/api/v1/sessions/revoke", new JsonObject { ["subject"] = new JsonObject { ["kind"] = "user", ["id"] = user } })).Ok();
    }
}
