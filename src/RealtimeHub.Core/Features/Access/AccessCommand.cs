using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Agents;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Access;

internal static class AccessRules
{
    /// <summary>A topic that has grants.</summary>
    public static IRuleBuilderOptions<T, string?> HasGrants<T>(this IRuleBuilder<T, string?> rule) =>
        rule.IsTopic().Must(t => !Topic.TryParse(t, out var topic) || topic.Kind is TopicKind.Agent or TopicKind.Process)
            .WithMessage("must be an agent or a process");

    /// <summary>Somebody who may be given a permission.</summary>
    public static IRuleBuilderOptions<T, Subject> IsGrantee<T>(this IRuleBuilder<T, Subject> rule) =>
        rule.NotNull().WithMessage("must be given").SetValidator(new GranteeValidator());
}

/// <summary>A change of who may do what with a topic: by whom the topic's state allows, of those who may see it.</summary>
internal abstract class AccessCommand<TRequest>(CommandPorts ports) : Command<TRequest, Empty>(ports)
    where TRequest : notnull
{
    protected abstract (string Topic, AccessGrant Grant) Target(TRequest request);

    protected abstract Decision Decide(AccessGrant grant, IReadOnlyCollection<AccessGrant> held);

    protected sealed override Topic? TopicOf(Call<TRequest, Empty> call) => Topic.Parse(Target(call.Request).Topic);

    protected sealed override Empty ValueOf(Call<TRequest, Empty> call) => Empty.Value;

    protected sealed override ValueTask<Error?> AuthorizeAsync(Call<TRequest, Empty> call, CancellationToken cancellationToken) =>
        ValueTask.FromResult(
            RoleError(call.Caller, call.State.Fold, Permission.View)
            ?? (call.State.Fold.State is IHasGrants topic ? topic.RefusalToGrant(call.Caller) : Error.NotFound));

    protected sealed override Decision Decide(Call<TRequest, Empty> call) =>
        Decide(Target(call.Request).Grant, ((IHasGrants)call.State.Fold.State).Grants);
}
