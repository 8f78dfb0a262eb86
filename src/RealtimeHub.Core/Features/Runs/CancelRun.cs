using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Runs;

internal sealed class CancelRunValidator : AbstractValidator<CancelRun>
{
    public CancelRunValidator()
    {
        RuleFor(r => r.Topic).IsTopic();
        RuleFor(r => r.RunId).IsId();
        RuleFor(r => r.Reason).IsOptionalLine(1000);
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class CancelRunHandler(CommandPorts ports) : RunCommand<CancelRun>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.AgentsOperate,
        Role = Permission.Operate,
        Offers = [Offer.Operator(nameof(IOperatorHub.CancelRun)), Offer.Http("POST /api/v1/topics/{topic}/runs/{runId}/cancel")],
    };

    protected override (string Topic, string RunId) Target(CancelRun request) => (request.Topic, request.RunId);

    protected override Decision Decide(Call<CancelRun, Empty> call, RunState run)
    {
        var data = new RunCancelRequested(run.RunId, call.Request.Reason);
        return run switch
        {
            { Status: RunStatus.Cancelled } => Decision.Nothing,
            { HasEnded: true } => Decision.Refuse(RunErrors.Ended(run)),
            { CancelRequestedAt: not null } => Decision.Nothing,
            { Status: RunStatus.Requested } => Decision.Append(EventTypes.RunCancelled, new RunCancelled(run.RunId, data.Reason), run.RunId),
            _ => Decision.Append(EventTypes.RunCancelRequested, data, run.RunId),
        };
    }
}
