using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Runs;

internal sealed class SteerRunValidator : AbstractValidator<SteerRun>
{
    public SteerRunValidator(Limits limits)
    {
        RuleFor(r => r.Topic).IsTopic();
        RuleFor(r => r.RunId).IsId();
        RuleFor(r => r.Instruction).IsText(limits.TextBytes);
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class SteerRunHandler(CommandPorts ports) : RunCommand<SteerRun>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.AgentsOperate,
        Role = Permission.Operate,
        Offers = [Offer.Operator(nameof(IOperatorHub.SteerRun)), Offer.Http("POST /api/v1/topics/{topic}/runs/{runId}/steer")],
    };

    protected override (string Topic, string RunId) Target(SteerRun request) => (request.Topic, request.RunId);

    protected override Decision Decide(Call<SteerRun, Empty> call, RunState run) =>
        run.HasEnded
            ? Decision.Refuse(RunErrors.Ended(run))
            : Decision.Append(EventTypes.RunSteered, new RunSteered(run.RunId, call.Request.Instruction), run.RunId);
}
