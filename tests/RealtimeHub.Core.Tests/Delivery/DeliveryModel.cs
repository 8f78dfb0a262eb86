using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;

namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>A subscription as its client knows it.</summary>
/// <param name="Client">Whose.</param>
/// <param name="Conversation">Which topic.</param>
/// <param name="Ref">Its own name.</param>
/// <param name="From">How it was to begin.</param>
/// <param name="Resumes">With a cursor: the subscription that the cursor was taken from.</param>
/// <param name="FirstFrame">No frame before this number is its.</param>
internal sealed record ModelSubscription(
    TestClient Client, ConversationScript Conversation, string Ref, SubscribeFrom From, ModelSubscription? Resumes, int FirstFrame)
{
    /// <summary>What the hub answered.</summary>
    public SubscriptionOutcome Outcome { get; set; } = null!;

    /// <summary>The topic's last sequence when the answer came: an end of the permission above it is seen as it passes.</summary>
    public long SeenBy { get; set; }

    /// <summary>No frame from this number on is its.</summary>
    public int EndFrame { get; set; } = int.MaxValue;

    /// <summary>Whether its client wants no more of it, or is gone.</summary>
    public bool IsOver { get; set; }
}

/// <summary>Does to a node, step by step and at random, whatever clients, agents and networks do. Remembers what clients were told.</summary>
internal sealed class DeliveryModel(DeliveryNode node, Random random)
{
    private static readonly string[] Users = ["ada", "bob", "carol"];

    private readonly List<TestClient> clients = [];
    private readonly Dictionary<TestClient, Dictionary<ConversationScript, ModelSubscription>> present = [];
    private int lastRef;

    public List<ConversationScript> Conversations { get; } = [];

    public List<ModelSubscription> Subscriptions { get; } = [];

    /// <summary>Rings, pages, batches and turns so small that everything happens all the time.</summary>
    public static void Tune(DeliveryOptions options, Random random)
    {
        (options.RingEvents, options.RingMaxEvents) = random.Next(4) == 0 ? (1000, 1000) : (random.Next(1, 5), random.Next(5, 12));
        options.PageEvents = random.Next(1, 8);
        options.BatchBytes = random.Next(3) switch { 0 => 1, 1 => 700, _ => 64 * 1024 };
        options.FramesPerTurn = random.Next(1, 9);
        options.LogReadsPerNode = random.Next(1, 4);
        options.BehindEvents = random.Next(3, 50);
        options.ProgressTimeout = TimeSpan.FromDays(1);
        options.FeedIdleTime = TimeSpan.FromSeconds(random.Next(1, 60));
    }

    public async Task StartAsync()
    {
        for (var i = 0; i < 3; i++)
        {
            Conversations.Add(node.Conversation($"c{i}"));
            await Conversations[i].CreateAsync(Users);
        }

        for (var i = 0; i < 5; i++)
        {
            Connect(i < 4 ? Users[i % Users.Length] : null);
        }
    }

    public async Task StepAsync()
    {
        var conversation = Pick(Conversations);
        var client = Pick(clients);
        switch (random.Next(100))
        {
            case < 45:
                await AppendAsync(conversation);
                break;
            case < 49:
                await AppendMisplacedAsync(conversation);
                break;
            case < 52:
                await (random.Next(2) == 0 ? conversation.LeaveAsync(Pick(Users)) : conversation.JoinAsync(Pick(Users)));
                break;
            case < 68:
                await SubscribeAsync(client, conversation);
                break;
            case < 71:
                await UnsubscribeAsync(client, conversation);
                break;
            case < 78:
                client.Connection.Stall();
                break;
            case < 86:
                client.Connection.Resume();
                break;
            case < 91:
                client.Connection.TakeIfAny();
                break;
            case < 94:
                await ReconnectAsync(client);
                break;
            case < 97:
                node.PassTime(TimeSpan.FromSeconds(random.Next(1, 4)));
                break;
            default:
                await node.TailAt(node.Log.Events[^1].Sequence); // let it come to rest, more or less
                break;
        }
    }

    /// <summary>Everybody reads again; waits until whoever still watches has everything.</summary>
    public async Task DrainAsync()
    {
        clients.ForEach(c => c.Connection.Resume());
        foreach (var conversation in Conversations)
        {
            var last = await conversation.SayAsync();
            foreach (var subscription in Subscriptions.Where(s => s.Conversation == conversation && !s.IsOver))
            {
                await subscription.Client.Connection.Until(c => c.Numbered.Any(m => m.Number >= subscription.FirstFrame && m.Message switch
                {
                    EventsMessage events => events.Topic == conversation.Topic && events.Events[^1].Seq == last,
                    SnapshotMessage snapshot => snapshot.Ref == subscription.Ref && snapshot.State.GetProperty("seq").GetInt64() == last,
                    SubscriptionChangedMessage changed => changed.Ref == subscription.Ref && changed.Status == SubscriptionStatus.Revoked,
                    _ => false,
                }));
            }
        }
    }

    private TestClient Connect(string? user)
    {
        var client = user is null ? node.ConnectAgent("writer") : node.Connect(user);
        clients.Add(client);
        present.Add(client, []);
        return client;
    }

    private Task AppendAsync(ConversationScript conversation)
    {
        var takesDeltas = conversation.OpenMessages.Where(m => conversation.OpenRuns.ContainsKey(m.Value)).Select(m => m.Key).ToList();
        return random.Next(10) switch
        {
            0 when conversation.OpenRuns.Count < 2 => conversation.RunAsync(random.Next(3) == 0 ? "editor" : "writer"),
            1 when conversation.OpenRuns.Count > 0 && takesDeltas.Count < 3 => conversation.StartAsync(Pick(conversation.OpenRuns.Keys)),
            2 when conversation.OpenMessages.Count > 0 => conversation.CompleteAsync(Pick(conversation.OpenMessages.Keys)),
            3 when conversation.OpenRuns.Count > 0 && random.Next(3) == 0 => conversation.EndRunAsync(Pick(conversation.OpenRuns.Keys)),
            < 8 when takesDeltas.Count > 0 => conversation.DeltasAsync(Pick(takesDeltas), random.Next(1, 7), "x"),
            _ => conversation.SayManyAsync(random.Next(1, 4)),
        };
    }

    // What a backbone that is written to directly may bring: deltas of what is complete, unknown or elsewhere, second ends.
    private Task<long> AppendMisplacedAsync(ConversationScript conversation)
    {
        if (random.Next(2) == 0 && conversation.EndedRuns.Count > 0)
        {
            var run = Pick(conversation.EndedRuns);
            return conversation.AppendAsync(conversation.Make(EventTypes.RunCancelled, new RunCancelled(run), run, Subject.System));
        }

        var message = random.Next(3) == 0 || conversation.OpenMessages.Count == 0 ? "unknown" : Pick(conversation.OpenMessages.Keys);
        var data = new MessageDelta(message, "y", Offset: 10_000);
        return conversation.AppendAsync(conversation.Make(EventTypes.MessageDelta, data, actor: Subject.Agent("writer")));
    }

    private async Task SubscribeAsync(TestClient client, ConversationScript conversation)
    {
        var from = Pick(Enum.GetValues<SubscribeFrom>());
        if (from == SubscribeFrom.Cursor)
        {
            // Usually its own last one, now and then any that anybody ever held.
            var own = Subscriptions.LastOrDefault(s => s.Client == client && s.Conversation == conversation);
            var origin = own is not null && random.Next(3) > 0 ? own : Pick(Subscriptions.Where(s => s.Conversation == conversation).Append(null));
            await ResumeAsync(client, conversation, origin, origin == own ? 0 : random.Next(5));
        }
        else
        {
            await SubscribeAsync(client, conversation, from, resumes: null, cursor: null);
        }
    }

    private async Task ResumeAsync(TestClient client, ConversationScript conversation, ModelSubscription? origin, int cursorsBack)
    {
        var cursors = origin is null ? [] : History.FramesOf(origin, Subscriptions).Select(m => History.CursorOf(m.Message)).OfType<string>().ToList();
        if (cursors.Count > 0)
        {
            await SubscribeAsync(client, conversation, SubscribeFrom.Cursor, origin, cursors[Math.Max(0, cursors.Count - 1 - cursorsBack)]);
        }
    }

    private async Task SubscribeAsync(
        TestClient client, ConversationScript conversation, SubscribeFrom from, ModelSubscription? resumes, string? cursor)
    {
        var subscription = new ModelSubscription(client, conversation, $"ref-{++lastRef}", from, resumes, client.Connection.Writes);
        subscription.Outcome = await client.SubscribeAsync(conversation, from, cursor, subscription.Ref);
        subscription.SeenBy = node.Log.Events[^1].Sequence;
        if (subscription.Outcome.Cursor is null)
        {
            return;
        }

        if (present[client].TryGetValue(conversation, out var replaced))
        {
            replaced.IsOver = true;
        }

        present[client][conversation] = subscription;
        Subscriptions.Add(subscription);
    }

    private async Task UnsubscribeAsync(TestClient client, ConversationScript conversation)
    {
        await client.UnsubscribeAsync(conversation);
        present[client].Remove(conversation);
        foreach (var subscription in Subscriptions.Where(s => s.Client == client && s.Conversation == conversation))
        {
            (subscription.IsOver, subscription.EndFrame) = (true, Math.Min(subscription.EndFrame, client.Connection.Writes));
        }
    }

    private async Task ReconnectAsync(TestClient client)
    {
        client.Disconnect();
        clients.Remove(client);
        foreach (var subscription in present[client].Values)
        {
            subscription.IsOver = true;
        }

        var again = Connect(client.Caller.Agents.Count > 0 ? null : client.Caller.Subject.Id);
        foreach (var subscription in present[client].Values)
        {
            await ResumeAsync(again, subscription.Conversation, subscription, cursorsBack: 0);
        }
    }

    private T Pick<T>(IEnumerable<T> items)
    {
        var list = items.ToList();
        return list[random.Next(list.Count)];
    }
}
