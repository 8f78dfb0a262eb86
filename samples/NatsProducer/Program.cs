// A service of the platform that knows NATS and nothing of RealtimeHub's API: it says something in a conversation, and every
// client that watches it sees that. The protocol's section on NATS is all there is to know.
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NATS.Client.JetStream;
using NATS.Net;

if (args is not [var tenant, var kind, var id, var text])
{
    Console.Error.WriteLine("Usage: NatsProducer TENANT KIND ID TEXT     for example: NatsProducer demo conversation refund-42 'The parcel has arrived.'");
    return 2;
}

var url = Environment.GetEnvironmentVariable("NATS_URL") ?? "nats://127.0.0.1:4222";
var prefix = Environment.GetEnvironmentVariable("NATS_PREFIX") ?? "rth";

// An id of our own: whoever is not sure that an event was stored sends it again under the same id, and it is stored once.
var eventId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
var isMessage = kind == "conversation";
var body = JsonSerializer.SerializeToUtf8Bytes(new
{
    id = eventId,
    type = isMessage ? "message.created" : "custom.note",
    actor = new { kind = "system", id = "nats-producer" },
    data = isMessage ? (object)new { messageId = eventId, role = "system", text } : new { text },
});

await using var nats = new NatsClient(url);
var ack = await nats.CreateJetStreamContext().PublishAsync(
    $"{prefix}.events.{tenant}.{kind}.{id}.state", // both types are of the state lane
    body,
    opts: new NatsJSPubOpts
    {
        MsgId = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{kind}:{id}\n{eventId}"))),
    });
ack.EnsureSuccess();
Console.WriteLine($"Stored as {ack.Seq}.");
return 0;
