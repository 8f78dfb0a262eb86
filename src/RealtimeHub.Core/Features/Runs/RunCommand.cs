using RealtimeHub.Contracts;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Runs;

/// <summary>A command about a run that exists: for members of its home topic who may operate its agent.</summary>
internal abstract class RunCommand<TRequest>(CommandPorts ports) : Command<TRequest, Empty>(ports)
    where TRequest : notnull
{
    protected abstract (string Topic, string RunId) Target(TRequest request);

    protected abstract Decision Decide(Call<TRequest, Empty> call, RunState run);

    protected sealed override Topic? TopicOf(Call<TRequest, Empty> call) => Topic.Parse(Target(call.Request).Topic);

    protected sealed override Empty ValueOf(Call<TRequest, Empty> call) => Empty.Value;

    protected sealed override async ValueTask<Error?> AuthorizeAsync(Call<TRequest, Empty> call, CancellationToken cancellationToken)
    {
        if (RoleError(call.Caller, call.State.Fold, Permission.View) is { } hidden)
        {
            return hidden;
        }

        if (FindRun(call) is not { } run)
        {
            return Error.NotFound;
        }

        if (RoleError(call.Caller, call.State.Fold, Permission.Operate) is { } tooLow)
        {
            return tooLow;
        }

        // Whoever sees the run knows of its agent: a missing permission there is no secret.
        var agent = await Folds.GetAsync(new TopicKey(call.Caller.Tenant, Topic.Agent(run.AgentId)), cancellationToken);
        return agent.PermissionOf(call.Caller) >= Permission.Operate
            ? null
            : Error.Forbidden($"This takes the permission to operate agent:{run.AgentId}.");
    }

    protected sealed override Decision Decide(Call<TRequest, Empty> call) => Decide(call, FindRun(call)!);

    private RunState? FindRun(Call<TRequest, Empty> call) =>
        (call.State.Fold.State as IHasRuns)?.Runs.FindAtHome(Target(call.Request).RunId);
}
