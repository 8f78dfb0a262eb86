using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using static RealtimeHub.Core.Tests.Delivery.Model.ModelCommand;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>Does to a node what a case says, and holds what its clients were told against the log.</summary>
internal sealed partial class DeliveryModel : IDisposable
{
    private static readonly string[] Users = ["ada", "bob", "carol"];
    private static readonly string[] Topics = ["conversation:c0", "conversation:c1", "conversation:c2"];

    private readonly Turns turns;
    private readonly ModelTuning tuning;
    private readonly ModelNode node;
    private readonly TestEncoder[] encoders = [new("json"), new("messagepack")];
    private readonly List<ModelClient> clients = []; // those that are there now
    private readonly List<ModelClient> all = [];
    private readonly Dictionary<TopicKey, ConversationScript> scripts = [];
    private LogPlace purgedAt;
    private int noticedEra; // the newest log that the tail knows of

    private DeliveryModel(ModelTuning tuning, Turns turns)
    {
        (this.tuning, this.turns) = (tuning, turns);
        node = new ModelNode(tuning) { NoticedLog = era => Volatile.Write(ref noticedEra, era) };
        turns.Rest();
        WriteScripts();
        foreach (var user in Users.Append("eve"))
        {
            Connect(CallerOf(Subject.User(user), "acme"));
        }

        Connect(CallerOf(Subject.Agent("writer"), "acme"));
        Connect(CallerOf(Subject.User("ada"), "umbrella"));
    }

    /// <summary>Runs a case; what the engine did not keep is an exception.</summary>
    public static void Run(ModelCase whole, Turns turns)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(turns);
        try
        {
            using var model = new DeliveryModel(whole.Tuning, turns);
            foreach (var step in whole.Steps)
            {
                model.Do(step.Command);
                model.Take(step.Turns, step.Seed);
            }

            model.Finish();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    public void Dispose() => node.Dispose();

    // At rest the feeds know what the tail knows.
    private void Take(int count, int seed = 0)
    {
        turns.Take(count, seed);
        if (count == Turns.All)
        {
            all.ForEach(c => c.NoticedAt.AddRange(Enumerable.Repeat(c.Connection.Writes, noticedEra + 1 - c.NoticedAt.Count)));
        }
    }

    /// <summary>Everybody reads again and the log answers: then everybody must have everything, without the help of the clock.</summary>
    private void Finish()
    {
        node.Log.FailReads(0);
        node.Log.SetDown(false);
        node.Log.HoldReads(false);
        node.Log.HoldTail(false);
        clients.ForEach(c => c.Connection.Resume());
        Take(Turns.All);
        node.RetryTail();
        Take(Turns.All);
        for (var round = 0; clients.Exists(c => c.IsLost); round++)
        {
            if (round > 10)
            {
                throw new PromiseException("whoever comes back is sent away again and again");
            }

            clients.FindAll(c => c.IsLost).ForEach(c => Reconnect(c));
            Take(Turns.All);
        }

        if (node.Log.HasFailed)
        {
            node.PassTime(TimeSpan.FromSeconds(0.5)); // a read that failed is asked for again when the clock is looked at
            Take(Turns.All);
        }

        Check();
        foreach (var script in scripts.Values.Where(s => Exists(s.Key)))
        {
            Say(script, 1);
        }

        Take(Turns.All);
        Check();
    }

    private void Check()
    {
        if (node.Running.IsCompleted)
        {
            throw new PromiseException($"the tail has ended: {node.Running.Exception}");
        }

        if (node.Errors.Count > 0)
        {
            throw new PromiseException($"the engine logged: {string.Join('\n', node.Errors)}");
        }

        if (all.Find(c => c.IsWaiting) is { } waiting)
        {
            throw new PromiseException($"{waiting.Connection.ConnectionId} is not answered");
        }

        new History(node.Log.Eras, all, tuning).Check();
    }

    private void Do(ModelCommand command)
    {
        switch (command)
        {
            case Append or AppendMisplaced or ChangeAccess when node.Log.IsDown:
                break;
            case Append append:
                AppendTo(ScriptOf(append.Topic), append);
                break;
            case AppendMisplaced misplaced:
                AppendMisplacedTo(ScriptOf(misplaced.Topic), misplaced);
                break;
            case ChangeAccess change:
                var user = Users[change.User % Users.Length];
                _ = change.Joins ? ScriptOf(change.Topic).JoinAsync(user) : ScriptOf(change.Topic).LeaveAsync(user);
                break;
            case SubscribeTo or Resume or ResumeAny or SubscribeTwice or UnsubscribeFrom:
                DoForClient(command);
                break;
            case Stall stall:
                ClientOf(stall.Client).Connection.Stall();
                break;
            case Read read:
                ClientOf(read.Client).Connection.Resume();
                break;
            case ReadOne read:
                ClientOf(read.Client).Connection.TakeIfAny();
                break;
            case Lag lag:
                ClientOf(lag.Client).Connection.TakesLater = lag.Lags;
                break;
            case Reconnect reconnect:
                Reconnect(clients[reconnect.Client % clients.Count]);
                break;
            default:
                DoToNode(command);
                break;
        }
    }

    private void DoToNode(ModelCommand command)
    {
        switch (command)
        {
            case PassTime pass:
                LetTimePass(0.5 * pass.HalfSeconds);
                break;
            case HoldTail hold:
                node.Log.HoldTail(hold.IsHeld);
                break;
            case HoldReads hold:
                node.Log.HoldReads(hold.AreHeld);
                break;
            case FailReads fail:
                node.Log.FailReads(fail.Count);
                break;
            case SetDown set:
                node.Log.SetDown(set.IsDown);
                break;
            case Purge purge:
                PurgeDeltas(KeyOf(purge.Topic));
                break;
            case Replace replace:
                ReplaceLog(replace.Percent);
                break;
        }
    }

    // Whoever takes nothing for so long is ended.
    private void LetTimePass(double seconds)
    {
        var stalled = clients.FindAll(c => c.Connection.Pending > 0);
        node.PassTime(TimeSpan.FromSeconds(seconds));
        if (seconds > tuning.ProgressSeconds && stalled.Find(c => c.Connection is { Pending: > 0, Ends: 0 }) is { } kept)
        {
            throw new PromiseException($"{kept.Connection.ConnectionId} takes nothing and is not ended");
        }
    }
}
