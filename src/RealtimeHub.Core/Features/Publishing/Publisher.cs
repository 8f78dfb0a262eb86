using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Liveness;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Publishing;

/// <summary>Checks a batch of published events against the topic's state, one after the other, then stores it whole.</summary>
/// <remarks>
/// Where the log is far away, a batch is first checked against what this node has seen, and nobody looks for its ids: what is sent again
/// either does not fit any more, which is looked at again with all that the log knows, or the log itself does not store it twice.
/// </remarks>
internal sealed class Publisher(CommandPorts ports, IAgentConnections agents)
{
    // Deltas are outside optimistic concurrency, so what is checked and what is stored of one topic must not interleave on this node.
    // Stripes instead of a lock a topic: nothing to clean up, and a collision only costs a short wait.
    private readonly Stripe[] stripes = [.. Enumerable.Range(0, 256).Select(_ => new Stripe())];

    private const int MaxAttempts = 20;

    // How far a publisher's clock may be from ours.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    /// <summary>Stores the events of a call, or says why not, and what was stored of them all the same.</summary>
    public async Task<Reply<PublishResult>> PublishAsync(Call<PublishEvents, PublishResult> call, CancellationToken cancellationToken)
    {
        var topic = call.State.Fold.Key;
        var stripe = stripes[(uint)topic.GetHashCode() % stripes.Length];
        var asked = ports.Time.GetTimestamp();
        await stripe.Gate.WaitAsync(cancellationToken);
        var known = (Count: 0, LastSequence: 0L);
        var isAnswered = stripe.LostAt > asked;
        try
        {
            if (isAnswered)
            {
                throw new LogUnavailableException("The log did not answer whoever was before."); // nor would it this one, as much later
            }

            var ids = IdsOf(call.Request);
            var pending = call.Request.Events.Select(e => PendingEvent.Of(e, ActorOf(call), call.Caller, ports.Time.GetUtcNow())).ToList();
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                var isGlance = attempt == 0 && ports.Log.IsRemote;
                var fold = isGlance ? (await ports.Folds.GetSeenAsync(topic, cancellationToken)).Fold : await ports.Folds.GetAsync(topic, cancellationToken);
                var plan = Plan(fold, call.Caller, pending, await FindAsync(fold, ids, asksLog: !isGlance, cancellationToken));
                known = plan.Acknowledged;
                if (plan.Error is { } error)
                {
                    if (isGlance)
                    {
                        continue;
                    }

                    return Reply<PublishResult>.Fail(error);
                }

                if (plan.ToStore.Count == 0)
                {
                    return Stored(pending.Count, known.LastSequence);
                }

                var expected = plan.ToStore.Any(e => e.Lane == Lane.State) ? fold.LastState.Sequence : (long?)null;
                var result = await ports.Log.AppendAsync(topic, plan.ToStore, expected, cancellationToken);
                if (result is { Status: AppendStatus.Stored, Duplicates: > 0 } && isGlance && await FindOthersAsync(fold, pending, cancellationToken) is { } taken)
                {
                    return Reply<PublishResult>.Fail(taken);
                }

                if (result.Status == AppendStatus.Stored)
                {
                    if (ActorOf(call) is { Kind: SubjectKind.Agent } agent && pending.Exists(e => e.Data is not AgentStatusChanged { Status: AgentStatus.Offline }))
                    {
                        agents.Heard(new TopicKey(topic.Tenant, Topic.Agent(agent.Id)));
                    }

                    return Stored(pending.Count, Math.Max(result.LastSequence, known.LastSequence));
                }

                ids = [.. pending.Select(e => e.Id)]; // where events are stored one by one, the first of them may be there
            }

            return await OverrunAsync(call.State.Fold, pending, cancellationToken);
        }
        catch (LogUnavailableException lost)
        {
            stripe.LostAt = isAnswered ? stripe.LostAt : ports.Time.GetTimestamp(); // of who asked, not of who was told
            var more = lost.Stored ?? default;
            throw new LogUnavailableException(lost.Message, lost)
            {
                Stored = (known.Count + more.Count, Math.Max(known.LastSequence, more.LastSequence)),
            };
        }
        finally
        {
            stripe.Gate.Release();
        }
    }

    /// <summary>Whether any of the events is in the topic already, by the same actor.</summary>
    public async ValueTask<bool> HasStoredAsync(Call<PublishEvents, PublishResult> call, CancellationToken cancellationToken)
    {
        var (fold, ids) = (call.State.Fold, IdsOf(call.Request));
        if (fold.Sequence == 0 || ids.Count == 0)
        {
            return false;
        }

        var known = await FindAsync(fold, ids, asksLog: true, cancellationToken);
        return known.Values.Any(e => e.Actor == ActorOf(call));
    }

    private static Error TimeIsOff => Error.Invalid("time", "must be within 10 minutes of the server's time");

    // Each attempt may have stored some of the events before it was overtaken: one more look says which.
    private async ValueTask<Reply<PublishResult>> OverrunAsync(TopicFold fold, List<PendingEvent> pending, CancellationToken cancellationToken)
    {
        var found = await FindAsync(fold, [.. pending.Select(e => e.Id)], asksLog: true, cancellationToken);
        var stored = pending.Where(e => found.TryGetValue(e.Id, out var earlier) && earlier.Actor == e.Actor).Select(e => found[e.Id].Sequence).ToList();
        var last = stored.DefaultIfEmpty().Max();
        if (stored.Count == pending.Count)
        {
            return Stored(pending.Count, last);
        }

        var what = stored.Count == 0 ? "Nothing was stored" : $"{stored.Count} of {pending.Count} events were stored";
        return Reply<PublishResult>.Fail(new Error(ErrorCode.Unavailable, $"{fold.Key.Topic} is changing too fast. {what}; try again.")
        {
            RetryAfterMs = 200, Details = ProgressOf(stored.Count, last),
        });
    }

    private static JsonObject ProgressOf(int stored, long lastSequence) => new() { ["stored"] = stored, ["lastSeq"] = lastSequence };

    private static Reply<PublishResult> Stored(int count, long lastSequence) =>
        Reply<PublishResult>.Success(new PublishResult(count, lastSequence), lastSequence);

    // Those that the publisher chose.
    private static List<string> IdsOf(PublishEvents request) => [.. request.Events.Select(e => e.Id).OfType<string>()];

    // The agent that speaks, else whoever's token it is.
    private static Subject ActorOf(Call<PublishEvents, PublishResult> call) =>
        PublishRules.AgentOf(call.Caller, call.Request) is { } agent ? Subject.Agent(agent) : call.Caller.Subject;

    // Ids that the service made are new, at the first attempt; of those that publishers made, the fold remembers the state events, and the log the deltas.
    private async ValueTask<IReadOnlyDictionary<string, RecentEvent>> FindAsync(
        TopicFold fold, List<string> ids, bool asksLog, CancellationToken cancellationToken)
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

        if (asksLog && others.Count > 0)
        {
            foreach (var (id, e) in await ports.Log.FindAsync(fold.Key, others, cancellationToken))
            {
                found[id] = new RecentEvent(e.Sequence, e.Actor, e.Time);
            }
        }

        return found;
    }

    // The log had some of the ids: whose they are decides whether that is the publisher's own earlier attempt.
    private async ValueTask<Error?> FindOthersAsync(TopicFold fold, List<PendingEvent> pending, CancellationToken cancellationToken)
    {
        var known = await ports.Log.FindAsync(fold.Key, [.. pending.Select(e => e.Id)], cancellationToken);
        foreach (var e in pending)
        {
            if (known.TryGetValue(e.Id, out var earlier) && earlier.Actor != e.Actor)
            {
                var details = new JsonObject
                {
                    ["id"] = e.Id, ["seq"] = earlier.Sequence, ["index"] = pending.IndexOf(e), ["stored"] = pending.Count(p => known.TryGetValue(p.Id, out var s) && s.Actor == p.Actor),
                    ["lastSeq"] = known.Values.Max(s => s.Sequence),
                };
                return Error.Conflict($"events[{pending.IndexOf(e)}]: The id is taken.", details);
            }
        }

        return null;
    }

    private PublishPlan Plan(TopicFold fold, Caller caller, List<PendingEvent> pending, IReadOnlyDictionary<string, RecentEvent> known)
    {
        var plan = new PublishPlan();
        var working = fold;
        for (var i = 0; i < pending.Count; i++)
        {
            // What is sent again is acknowledged before its rules are checked: it may not fit any more just because it fitted the first time.
            var e = pending[i];
            if (known.TryGetValue(e.Id, out var earlier) && earlier.Actor == e.Actor)
            {
                plan.Acknowledge(earlier.Sequence);
                continue;
            }

            if (RefusalOf(working, caller, e, earlier) is { } refusal)
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

    // Visibility first, as for a whole request: whoever sees the topic no more is not told whose an id is.
    private Error? RefusalOf(TopicFold fold, Caller caller, PendingEvent e, RecentEvent? ofAnother) =>
        !PublishRules.Sees(fold, caller, e) ? Error.NotFound
        : ofAnother is not null ? Error.Conflict("The id is taken.", new JsonObject { ["id"] = e.Id, ["seq"] = ofAnother.Sequence })
        : (e.Time - ports.Time.GetUtcNow()).Duration() > ClockSkew ? TimeIsOff
        : PublishRules.Check(fold, caller, e, ports.Limits);

    /// <summary>Those who publish into some topics, one at a time.</summary>
    private sealed class Stripe
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        /// <summary>When the log did not answer; for whoever has the gate.</summary>
        public long LostAt { get; set; } = long.MinValue;
    }

    /// <summary>What to do with a batch.</summary>
    private sealed class PublishPlan
    {
        public List<NewEvent> ToStore { get; } = [];

        /// <summary>What of the batch the log has already.</summary>
        public (int Count, long LastSequence) Acknowledged { get; private set; }

        public Error? Error { get; private set; }

        public void Acknowledge(long sequence) => Acknowledged = (Acknowledged.Count + 1, Math.Max(Acknowledged.LastSequence, sequence));

        public PublishPlan Refuse(int index, Error error)
        {
            var details = error.Details ?? [];
            details["index"] = index;
            details["stored"] = Acknowledged.Count;
            details["lastSeq"] = Acknowledged.LastSequence;
            Error = error with
            {
                Message = error.Errors is null ? $"events[{index}]: {error.Message}" : $"events[{index}].{error.Message}",
                Errors = error.Errors?.ToDictionary(e => $"events[{index}].{e.Key}", e => e.Value, StringComparer.Ordinal),
                Details = details,
            };
            return this;
        }
    }
}
