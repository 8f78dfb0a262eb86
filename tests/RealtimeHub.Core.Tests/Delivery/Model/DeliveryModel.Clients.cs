using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using static RealtimeHub.Core.Tests.Delivery.Model.ModelCommand;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <content>Who connects, and what clients ask for.</content>
internal sealed partial class DeliveryModel
{
    private int lastRef;
    private int lastConnection;

    private static Caller CallerOf(Subject subject, string tenant) => new()
    {
        Tenant = tenant,
        Subject = subject,
        Scopes = [subject.Kind == SubjectKind.Agent ? Scopes.EventsPublish : Scopes.ConversationsRead],
        Agents = subject.Kind == SubjectKind.Agent ? [subject.Id] : [],
        Surface = Surface.EventsHub,
    };

    private void DoForClient(ModelCommand command)
    {
        switch (command)
        {
            case SubscribeTo subscribe:
                ClientOf(subscribe.Client).Subscribe([Request(Topics[subscribe.Topic % Topics.Length], subscribe.From)]);
                break;
            case SubscribeTwice subscribe:
                ClientOf(subscribe.Client).Subscribe([
                    Request(Topics[subscribe.Topic % Topics.Length], subscribe.First),
                    Request(Topics[subscribe.Other % Topics.Length], SubscribeFrom.Latest),
                    Request(Topics[subscribe.Topic % Topics.Length], subscribe.Second)]);
                break;
            case Resume resume when ClientOf(resume.Client).CursorsOf(Topics[resume.Topic % Topics.Length]) is { Count: > 0 } held:
                ClientOf(resume.Client).Subscribe([Request(Topics[resume.Topic % Topics.Length], held[Math.Max(0, held.Count - 1 - resume.Back)])]);
                break;
            case ResumeAny resume when all.SelectMany(c => Topics.SelectMany(c.CursorsOf)).ToList() is { Count: > 0 } held:
                ClientOf(resume.Client).Subscribe([Request(Topics[resume.Topic % Topics.Length], held[resume.Which % held.Count])]);
                break;
            case UnsubscribeFrom unsubscribe:
                var topics = Enumerable.Range(unsubscribe.Topic, unsubscribe.Count).Select(i => Topic.Parse(Topics[i % Topics.Length]));
                ClientOf(unsubscribe.Client).Unsubscribe([.. topics]);
                break;
        }
    }

    // A client that has lost its connection is back, on a new one, before it does anything else.
    private ModelClient ClientOf(int number)
    {
        var client = clients[number % clients.Count];
        return client.IsLost ? Reconnect(client) : client;
    }

    private ModelClient Reconnect(ModelClient client)
    {
        var again = client.Watched.Select(s => client.CursorsOf(s.Request.Topic) is [.., var cursor]
            ? Request(s.Request.Topic, cursor)
            : (s.Request with { Ref = NextRef() }, s.Origin)).ToList();
        client.Disconnect();
        var next = Connect(client.Caller, clients.IndexOf(client));
        if (again.Count > 0)
        {
            next.Subscribe(again);
        }

        return next;
    }

    private ModelClient Connect(Caller caller, int? place = null)
    {
        var connection = new FakeConnection($"connection-{++lastConnection}", encoders[lastConnection % encoders.Length]);
        node.Connections.Connected(connection);
        var client = new ModelClient(node, caller with { ConnectionId = connection.ConnectionId }, connection)
        {
            ReplacedAt = [.. Enumerable.Repeat(0, node.Log.Place.Era)],
        };
        client.NoticedAt.AddRange(Enumerable.Repeat(0, all.Count > 0 ? all[0].NoticedAt.Count : 1));
        all.Add(client);
        if (place is { } index)
        {
            clients[index] = client;
        }
        else
        {
            clients.Add(client);
        }

        return client;
    }

    private string NextRef() => $"ref-{++lastRef}";

    private (SubscriptionRequest Request, HeldCursor? Origin) Request(string topic, SubscribeFrom from) =>
        (new SubscriptionRequest { Topic = topic, From = from, Ref = NextRef() }, null);

    private (SubscriptionRequest Request, HeldCursor? Origin) Request(string topic, HeldCursor cursor) =>
        (new SubscriptionRequest { Topic = topic, From = SubscribeFrom.Cursor, Cursor = cursor.Text, Ref = NextRef() }, cursor);
}
