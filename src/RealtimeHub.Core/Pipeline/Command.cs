using System.Text.Json;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Pipeline;

/// <summary>What a command decided on a topic's state.</summary>
internal abstract record Decision
{
    /// <summary>The goal is reached already: ok, and nothing to append.</summary>
    public static Decision Nothing { get; } = new NothingToDo();

    /// <summary>The state does not allow it.</summary>
    public static Decision Refuse(Error error) => new Refused(error);

    /// <summary>What the service's own ids name is there already: other ids are made, and it is decided again.</summary>
    public static Decision RenewIds { get; } = new IdsTaken();

    /// <summary>It is so: one event.</summary>
    public static Decision Append<T>(string type, T data, string? runId = null) =>
        new Appended(type, JsonSerializer.SerializeToUtf8Bytes(data, ContractsJson.WireType<T>()), runId);

    internal sealed record NothingToDo : Decision;

    internal sealed record IdsTaken : Decision;

    internal sealed record Refused(Error Error) : Decision;

    internal sealed record Appended(string Type, ReadOnlyMemory<byte> Data, string? RunId) : Decision;
}

/// <summary>What every command needs.</summary>
internal sealed record CommandPorts(IEventLog Log, ITopicFolds Folds, KeySightings Keys, Limits Limits, TimeProvider Time);

/// <summary>A use case that changes a topic: it decides on the topic's state and appends at most one event, which is all that makes it durable.</summary>
internal abstract class Command<TRequest, TValue>(CommandPorts ports) : UseCase<TRequest, TValue>
    where TRequest : notnull
{
    public sealed override Rate Rate => Rate.Commands;

    protected ITopicFolds Folds => ports.Folds;

    protected DateTimeOffset Now => ports.Time.GetUtcNow();

    public sealed override async Task<Reply<TValue>> Handle(Call<TRequest, TValue> call, CancellationToken cancellationToken)
    {
        switch (Decide(call))
        {
            case Decision.Refused refused:
                return Reply<TValue>.Fail(refused.Error);
            case Decision.IdsTaken:
                call.State.DecideAgain(withOtherIds: true);
                return Reply<TValue>.Success(ValueOf(call));
            case Decision.Appended appended:
                var result = await AppendAsync(call, appended, cancellationToken);
                if (result.Status == AppendStatus.Conflict || result.Duplicates > 0)
                {
                    // Who took the id meanwhile is a twin, whom the next attempt sees. Who had it before is what the key once stood for.
                    call.State.DecideAgain(withOtherIds: result.Duplicates > 0 && result.LastSequence <= call.State.Fold.Sequence);
                }

                return Reply<TValue>.Success(ValueOf(call), result.LastSequence);
            default:
                return Reply<TValue>.Success(ValueOf(call));
        }
    }

    protected abstract override Topic? TopicOf(Call<TRequest, TValue> call);

    protected abstract override TValue ValueOf(Call<TRequest, TValue> call);

    /// <summary>Decides on the call's fold alone. May run again on a newer one when another event came first.</summary>
    protected abstract Decision Decide(Call<TRequest, TValue> call);

    private async ValueTask<AppendResult> AppendAsync(Call<TRequest, TValue> call, Decision.Appended decided, CancellationToken cancellationToken)
    {
        var (caller, fold, ids) = (call.Caller, call.State.Fold, call.State.Ids);
        var body = EventBody.Write(ids.Event, decided.Type, Now, caller.Subject, decided.Data.Span, decided.RunId, TraceParent.Of(caller));
        var meta = new EventMeta(ids.KeyHash, ids.BodyHash, caller.Surface.ToString(), TraceParent.TraceId, typeof(TRequest).Name);
        var e = new NewEvent(ids.Event, Lane.State, body, meta);
        var result = await ports.Log.AppendAsync(fold.Key, [e], fold.LastState.Sequence, cancellationToken);
        if (result is { Status: AppendStatus.Stored, Duplicates: 0 })
        {
            ports.Folds.NoteAppended(fold.Key, e, result.LastSequence, fold.LastState.Sequence);
            if (ids is { KeyHash: { } keyHash, BodyHash: { } bodyHash })
            {
                ports.Keys.Note(fold.Key, keyHash, bodyHash, result.LastSequence, Now);
            }
        }

        return result;
    }
}
