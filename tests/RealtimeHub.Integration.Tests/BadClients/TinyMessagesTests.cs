using System.Text;
using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.BadClients;

/// <summary>A client that sends as much as the server takes.</summary>
[Collection(BadClientsCollection.Name)]
public sealed class TinyMessagesTests(BadClientsServer fixture)
{
    private const int Messages = 1_000_000;
    private const int PerBatch = 1_000;
    private const int CallsPerBatch = 100; // nine of ten are pings: a million calls would take a minute or two

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task SendsAMillionTinyMessages_AllAreTaken()
    {
        await using var crowd = await Crowd.GatherAsync(fixture.Server);
        using var peer = await RawPeer.ConnectAsync(crowd.Mallory, HubPaths.Operator);

        var answered = peer.ReadUntilAsync(Encoding.ASCII.GetBytes($"\"invocationId\":\"{Messages / PerBatch}-{CallsPerBatch}\""));
        await Task.WhenAll(SendAsync(peer), answered).WaitAsync(Longest, TimeProvider.System, TestContext.Current.CancellationToken);

        (await answered).Should().BeTrue("the connection goes on");
        peer.Messages().Count(m => (int?)m["type"] == 3 && (bool?)m["result"]?["ok"] == true).Should().Be(Messages / PerBatch * CallsPerBatch);
        await crowd.NoticesNothingAsync();
    }

    private static async Task SendAsync(RawPeer peer)
    {
        var ping = RawPeer.Frame("""{"type":6}""");
        using var batch = new MemoryStream();
        for (var number = 1; number <= Messages / PerBatch; number++)
        {
            batch.SetLength(0);
            for (var i = 1; i <= CallsPerBatch; i++)
            {
                for (var pings = 0; pings < (PerBatch / CallsPerBatch) - 1; pings++)
                {
                    batch.Write(ping);
                }

                batch.Write(RawPeer.Frame($$$"""{"type":1,"invocationId":"{{{number}}}-{{{i}}}","target":"Unsubscribe","arguments":[{"topics":[]}]}"""));
            }

            await peer.SendBytesAsync(batch.GetBuffer().AsMemory(0, (int)batch.Length));
        }
    }
}
