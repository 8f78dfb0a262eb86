using System.Globalization;
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

    /// <summary>Changes what a conversation is called and marked with.</summary>
    public Task<Reply<Empty>> UpdateConversationAsync(UpdateConversation request, CancellationToken cancellationToken = default) =>
        OperateAsync<Empty>(nameof(IOperatorHub.UpdateConversation), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Closes a conversation for good; it stays readable.</summary>
    public Task<Reply<Empty>> ArchiveConversationAsync(ArchiveConversation request, CancellationToken cancellationToken = default) =>
        OperateAsync<Empty>(nameof(IOperatorHub.ArchiveConversation), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

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

    /// <summary>Changes the description of an agent; what is absent stays as it is.</summary>
    public Task<Reply<Empty>> UpdateAgentAsync(UpdateAgent request, CancellationToken cancellationToken = default) =>
        OperateAsync<Empty>(nameof(IOperatorHub.UpdateAgent), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Gives somebody a permission on an agent or a process.</summary>
    public Task<Reply<Empty>> GrantAccessAsync(GrantAccess request, CancellationToken cancellationToken = default) =>
        OperateAsync<Empty>(nameof(IOperatorHub.GrantAccess), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Takes a permission back that was given by itself.</summary>
    public Task<Reply<Empty>> RevokeAccessAsync(RevokeAccess request, CancellationToken cancellationToken = default) =>
        OperateAsync<Empty>(nameof(IOperatorHub.RevokeAccess), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Ends somebody's sessions, and the connection of whoever ends their own.</summary>
    public Task<Reply<Empty>> RevokeSessionsAsync(RevokeSessions request, CancellationToken cancellationToken = default) =>
        OperateAsync<Empty>(nameof(IOperatorHub.RevokeSessions), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);

    /// <summary>Says how the caller is there. Said again by itself on every new connection, so that reconnecting is no change.</summary>
    public async Task<Reply<Empty>> SetPresenceAsync(SetPresence request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var reply = await OperateAsync<Empty>(nameof(IOperatorHub.SetPresence), request with { IdempotencyKey = KeyOf(request) }, cancellationToken);
        if (reply.Ok)
        {
            presence.Said(request);
        }
        else if (reply.Error is { Code: not (ErrorCode.Unavailable or ErrorCode.RateLimited) })
        {
            presence.Refused(request);
        }

        return reply;
    }

    /// <summary>Who is there now, over HTTP, newest change first: a page.</summary>
    public Task<Reply<PresencePage>> ListPresenceAsync(ListPresence? request = null, CancellationToken cancellationToken = default)
    {
        (string Name, string? Value)[] query = [("topic", request?.Topic), ("limit", request?.Limit?.ToString(CultureInfo.InvariantCulture)), ("after", request?.After)];
        return resources.ReadAsync<PresencePage>(
            $"presence?{string.Join('&', query.Where(q => q.Value is not null).Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value!)}"))}", cancellationToken);
    }

    /// <summary>Stores events. Those without an id get one, so that repeating stores each once.</summary>
    public Task<Reply<PublishResult>> PublishEventsAsync(PublishEvents request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(HubKind.Agent, nameof(IAgentHub.PublishEvents));
        var named = request with { Events = [.. request.Events.Select(e => e.Id is null ? e with { Id = NewId() } : e)] };
        return sender.SendAsync<PublishResult>(nameof(IAgentHub.PublishEvents), named, cancellationToken);
    }

    private void SayPresenceAgain()
    {
        foreach (var request in presence.All)
        {
            _ = SetPresenceAsync(request);
        }
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
