using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Publishing;

/// <summary>Checks a batch of published events against the topic's state, one after the other, then stores it whole.</summary>
internal sealed class Publisher(CommandPorts ports)
{
    // Deltas are outside optimistic concurrency, so what is checked and what is stored of one topic must not interleave on this node.
    // Stripes instead of a lock a topic: nothing to clean up, and a collision only costs a short wait.
    private readonly SemaphoreSlim[] stripes = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1, 1))];

    private const int MaxAttempts = 20;

    /// <summary>Stores the events of a call, or says why not one of them was stored.</summary>
    public async Task<Reply<PublishResult>> PublishAsync(Call<PublishEvents, PublishResult> call, CancellationToken cancellationToken)
    {
        var topic = call.State.Fold.Key;
        var stripe = stripes[(uint)topic.GetHashCode() % stripes.Length];
        await stripe.WaitAsync(cancellationToken);
        try
        {
            var given = call.Request.Events.Select(e => e.Id).OfType<string>().ToList();
            var pending = call.Request.Events.Select(e => PendingEvent.Of(e, ActorOf(call), call.Caller, ports.Time.GetUtcNow())).ToList();
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                var fold = await ports.Folds.GetAsync(topic, cancellationToken);
                var plan = Plan(fold, call.Caller, pending, await FindAsync(fold, given, cancellationToken));
                if (plan.Error is { } error)
                {
                    return Reply<PublishResult>.Fail(error);
                }

                if (plan.ToStore.Count == 0)
                {
                    return Stored(pending.Count, plan.LastAcknowledged);
                }

                var expected = plan.ToStore.Any(e => e.Lane == Lane.State) ? fold.LastState.Sequence : (long?)null;
                var result = await ports.Log.AppendAsync(topic, plan.ToStore, expected, cancellationToken);
                if (result.Status == AppendStatus.Stored)
                {
                    return Stored(pending.Count, Math.Max(result.LastSequence, plan.LastAcknowledged));
                }
            }
        }
        finally
        {
            stripe.Release();
        }

        return Reply<PublishResult>.Fail(
            new Error(ErrorCode.Unavailable, $"{topic.Topic} is changing too fast. Nothing was stored; try again.") { RetryAfterMs = 200 });
    }

    private static Reply<PublishResult> Stored(int count, long lastSequence) =>
        Reply<PublishResult>.Success(new PublishResult(count, lastSequence), lastSequence);

    // The agent that speaks, else whoever's token it is.
    private static Subject ActorOf(Call<PublishEvents, PublishResult> call) =>
        PublishRules.AgentOf(call.Caller, call.Request) is { } agent ? Subject.Agent(agent) : call.Caller.Subject;

    // Ids that the service made are new; of those that publishers made, the fold remembers the state events, and the log the deltas.
    private async ValueTask<IReadOnlyDictionary<string, RecentEvent>> FindAsync(TopicFold fold, List<string> ids, CancellationToken cancellationToken)
    {
        var now = ports.Time.GetUtcNow();
        var found = new Dictionary<string, RecentEvent>(StringComparer.Ordinal);
        var others = new List<string>();
        foreach (var id in ids)
        {
            if (fold.Recent.FindEvent(id, now) is { } recent)
            {
                found[id] = recent;
            }
            else
            {
                others.Add(id);
            }
        }

        if (others.Count > 0)
        {
            foreach (var (id, e) in await ports.Log.FindAsync(fold.Key, others, cancellationToken))
            {
                found[id] = new RecentEvent(e.Sequence, e.Actor, e.Time);
            }
        }

        return found;
    }

    private PublishPlan Plan(TopicFold fold, Caller caller, List<PendingEvent> pending, IReadOnlyDictionary<string, RecentEvent> known)
    {
        var plan = new PublishPlan();
        var working = fold;
        for (var i = 0; i < pending.Count; i++)
        {
            // What is sent again is acknowledged before its rules are checked: it may not fit any more just because it fitted the first time.
            var e = pending[i];
            if (known.TryGetValue(e.Id, out var earlier))
            {
                if (earlier.Actor != e.Actor)
                {
                    return plan.Refuse(i, Error.Conflict("The id is taken."));
                }

                plan.Acknowledge(earlier.Sequence);
                continue;
            }

            if (PublishRules.Check(working, caller, e, ports.Limits) is { } refusal)
            {
                return plan.Refuse(i, refusal);
            }

            // The next event of the batch is judged by the state that this one leads to; the sequence is a stand-in until it is stored.
            var (next, effective) = working.Apply(e.AsStored(fold.Key, working.Sequence + 1));
            if (!effective)
            {
                return plan.Refuse(i, Error.Conflict("The topic's state does not allow it."));
            }

            working = next;
            plan.ToStore.Add(e.ToNewEvent());
        }

        return plan;
    }

    /// <summary>What to do with a batch.</summary>
    private sealed class PublishPlan
    {
        public List<NewEvent> ToStore { get; } = [];

        public long LastAcknowledged { get; private set; }

        public Error? Error { get; private set; }

        public void Acknowledge(long sequence) => LastAcknowledged = Math.Max(LastAcknowledged, sequence);

        public PublishPlan Refuse(int index, Error error)
        {
            var details = error.Details ?? [];
            details["index"] = index;
            details["stored"] = 0;
            Error = error with { Message = $"events[{index}]: {error.Message}", Details = details };
            return this;
        }
    }
}
