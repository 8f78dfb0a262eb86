using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <content>
/// Commands. Each gets an idempotency key when it has none, and is repeated with it when the connection was lost or the
/// server was not available, for at most <see cref="RealtimeHubClientOptions.CommandTimeout"/>; then the reply is
/// <see cref="ErrorCode.Unavailable"/>: not known to be stored, and safe to repeat with the same key.
/// </content>
public sealed partial class RealtimeHubClient
{
    /// <summary>Makes a conversation; the caller becomes its owner.</summary>
    public Task<Reply<CreateConversationResult>> CreateConversationAsync(CreateConversation request, CancellationToken cancellationToken = default) =>
        OperateAsync<CreateConversationResult>(
            nameof(IOperatorHub.CreateConversation), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Lets somebody into a conversation, or gives somebody who is in another role.</summary>
    public Task<Reply<Empty>> AddParticipantAsync(AddParticipant request, CancellationToken cancellationToken = default) =>
        OperateAsync<Empty>(nameof(IOperatorHub.AddParticipant), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Takes somebody out of a conversation.</summary>
    public Task<Reply<Empty>> RemoveParticipantAsync(RemoveParticipant request, CancellationToken cancellationToken = default) =>
        OperateAsync<Empty>(nameof(IOperatorHub.RemoveParticipant), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Says something in a conversation.</summary>
    public Task<Reply<SendMessageResult>> SendMessageAsync(SendMessage request, CancellationToken cancellationToken = default) =>
        OperateAsync<SendMessageResult>(nameof(IOperatorHub.SendMessage), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Gives an agent work.</summary>
    public Task<Reply<StartRunResult>> StartRunAsync(StartRun request, CancellationToken cancellationToken = default) =>
        OperateAsync<StartRunResult>(nameof(IOperatorHub.StartRun), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Gives a working agent one more instruction.</summary>
    public Task<Reply<Empty>> SteerRunAsync(SteerRun request, CancellationToken cancellationToken = default) =>
        OperateAsync<Empty>(nameof(IOperatorHub.SteerRun), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Asks an agent to stop.</summary>
    public Task<Reply<Empty>> CancelRunAsync(CancelRun request, CancellationToken cancellationToken = default) =>
        OperateAsync<Empty>(nameof(IOperatorHub.CancelRun), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Registers an agent, or describes a registered one anew.</summary>
    public Task<Reply<RegisterAgentResult>> RegisterAgentAsync(RegisterAgent request, CancellationToken cancellationToken = default) =>
        OperateAsync<RegisterAgentResult>(nameof(IOperatorHub.RegisterAgent), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Stores events. Those without an id get one, so that repeating stores each once.</summary>
    public Task<Reply<PublishResult>> PublishEventsAsync(PublishEvents request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(HubKind.Agent, nameof(IAgentHub.PublishEvents));
        var named = request with { Events = [.. request.Events.Select(e => e.Id is null ? e with { Id = NewId() } : e)] };
        return sender.SendAsync<PublishResult>(nameof(IAgentHub.PublishEvents), named, cancellationToken);
    }

    private Task<Reply<T>> OperateAsync<T>(string method, IKeyedRequest request, CancellationToken cancellationToken)
    {
        Require(HubKind.Operator, method);
        return sender.SendAsync<T>(method, request, cancellationToken);
    }

    private void Require(HubKind hub, string method)
    {
        if (Options.Hub != hub)
        {
            throw new InvalidOperationException($"{method} needs a client of the {hub} hub; this one is of the {Options.Hub} hub.");
        }
    }

    private string KeyOf(IKeyedRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.IdempotencyKey ?? NewId();
    }

    private string NewId() => Ids.New(Options.TimeProvider.GetUtcNow());
}
