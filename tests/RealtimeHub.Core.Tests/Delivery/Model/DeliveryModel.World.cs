using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using static RealtimeHub.Core.Tests.Delivery.Model.ModelCommand;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <content>The conversations and the log.</content>
internal sealed partial class DeliveryModel
{
    private static T Pick<T>(IEnumerable<T> items, int which)
    {
        var list = items.ToList();
        return list[which % list.Count];
    }

    // Three conversations here, and one elsewhere that has the id of one of them.
    private static TopicKey KeyOf(int number) => (number % 4) switch
    {
        3 => new("umbrella", Topic.Parse(Topics[0])),
        var own => new("acme", Topic.Parse(Topics[own])),
    };

    /// <summary>The conversation as it goes on; it is created if there is none.</summary>
    private ConversationScript ScriptOf(int number)
    {
        var script = scripts[KeyOf(number)];
        if (!Exists(script.Key))
        {
            _ = script.CreateAsync(Users);
        }

        return script;
    }

    private bool Exists(TopicKey key) => node.Log.EventsOf(key).Any();

    private void WriteScripts()
    {
        for (var i = 0; i < 4; i++)
        {
            var key = KeyOf(i);
            var script = scripts[key] = new ConversationScript(node.Log, key.Topic.Id, key.Tenant, $"{node.Log.Eras.Count}-");
            script.GoOnAfter(node.Log.EventsOf(key));
            if (node.Log.Eras.Count == 1)
            {
                _ = ScriptOf(i);
            }
        }
    }

    private static void Say(ConversationScript script, int count) => _ = script.SayManyAsync(count);

    private static void AppendTo(ConversationScript script, Append append)
    {
        var takesDeltas = script.OpenMessages.Where(m => script.OpenRuns.ContainsKey(m.Value)).Select(m => m.Key).ToList();
        switch (append.What % 10)
        {
            case 0 when script.OpenRuns.Count < 2:
                _ = script.RunAsync(append.Which % 3 == 0 ? "editor" : "writer");
                break;
            case 1 when script.OpenRuns.Count > 0 && takesDeltas.Count < 3:
                _ = script.StartAsync(Pick(script.OpenRuns.Keys, append.Which));
                break;
            case 2 when script.OpenMessages.Count > 0:
                _ = script.CompleteAsync(Pick(script.OpenMessages.Keys, append.Which));
                break;
            case 3 when script.OpenRuns.Count > 0 && append.Which % 3 == 0:
                _ = script.EndRunAsync(Pick(script.OpenRuns.Keys, append.Which / 3));
                break;
            case < 8 when takesDeltas.Count > 0:
                _ = script.DeltasAsync(Pick(takesDeltas, append.Which), append.Count, "x");
                break;
            default:
                Say(script, append.Count);
                break;
        }
    }

    private static void AppendMisplacedTo(ConversationScript script, AppendMisplaced append)
    {
        if (append.What % 2 == 0 && script.EndedRuns.Count > 0)
        {
            var run = Pick(script.EndedRuns, append.Which);
            _ = script.AppendAsync(script.Make(EventTypes.RunCancelled, new RunCancelled(run), run, Subject.System));
            return;
        }

        var message = append.What % 3 == 0 || script.OpenMessages.Count == 0 ? "unknown" : Pick(script.OpenMessages.Keys, append.Which);
        var data = new MessageDelta(message, "y", Offset: 10_000);
        _ = script.AppendAsync(script.Make(EventTypes.MessageDelta, data, actor: Subject.Agent("writer")));
    }

    // Never beyond the oldest item that is open, and nothing that is so new that not every node has seen it complete.
    private void PurgeDeltas(TopicKey key)
    {
        Take(Turns.All);
        if (node.Log.IsDown || node.Log.Place != new LogPlace(noticedEra, node.TailPosition))
        {
            return;
        }

        var events = node.Log.EventsOf(key).ToList();
        var fold = events.Aggregate(TopicStates.Empty(key), (f, e) => f.Apply(e).Fold);
        var oldest = fold.State.OldestOpen ?? long.MaxValue;
        node.Log.Purge(events.FindAll(e => e.Lane == Lane.Stream && e.Sequence < oldest));
        purgedAt = node.Log.Place;
    }

    // What was purged is gone from the backup, too, so a backup is younger than that.
    private void ReplaceLog(int percent)
    {
        var place = node.Log.Place;
        var keep = place.Sequence * Math.Max(0, percent - 10) / 100;
        all.ForEach(c => c.ReplacedAt.Add(c.Connection.Writes));
        node.Log.Replace(purgedAt.Era == place.Era && keep > 0 ? Math.Max(keep, purgedAt.Sequence) : keep);
        purgedAt = purgedAt.Era == place.Era && keep > 0 ? purgedAt with { Era = node.Log.Place.Era } : default;
        WriteScripts();
    }
}
