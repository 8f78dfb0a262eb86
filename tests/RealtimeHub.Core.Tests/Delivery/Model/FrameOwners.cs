using RealtimeHub.Contracts;

namespace RealtimeHub.Core.Tests.Delivery.Model;

/// <summary>Tells the frames of a connection's subscriptions to one topic apart, as a client would: by fences and refs.</summary>
/// <param name="mine">The subscriptions, in the order in which they were asked for.</param>
/// <param name="frames">What is found.</param>
internal sealed class FrameOwners(List<ModelSubscription> mine, Dictionary<ModelSubscription, List<(int Number, object Message)>> frames)
{
    private readonly HashSet<ModelSubscription> closed = [.. mine.Where(s => s.Outcome is { Cursor: null })];

    public void Assign()
    {
        ModelSubscription? current = null;
        foreach (var (number, message) in mine[0].Client.Frames.Where(m => Frame.TopicOf(m.Message) == mine[0].Request.Topic))
        {
            closed.UnionWith(mine.Where(s => number >= s.EndFrame));
            var changed = message as SubscriptionChangedMessage;
            if (changed?.Status == SubscriptionStatus.Replaced)
            {
                closed.UnionWith(mine.TakeWhile(s => s.Ref != changed.Ref));
            }

            if (current is null || closed.Contains(current))
            {
                current = mine.Find(s => !closed.Contains(s) && s.FirstFrame <= number)
                    ?? throw new PromiseException($"{mine[0].Client.Connection.ConnectionId}: frame {number} belongs to nobody: {Frame.Describe(message)}");
            }

            if (Frame.RefOf(message) is { } reference && reference != current.Ref)
            {
                throw new PromiseException($"{mine[0].Client.Connection.ConnectionId}: frame {number} is of {reference} and not {current.Ref}: {Frame.Describe(message)}");
            }

            (frames.TryGetValue(current, out var list) ? list : frames[current] = []).Add((number, message));
            if (changed?.Status == SubscriptionStatus.Revoked)
            {
                closed.Add(current);
            }
        }
    }
}
