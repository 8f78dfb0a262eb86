using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Features.Conversations;
using RealtimeHub.Core.Folds;
using RealtimeHub.Core.Log;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Runs;

internal sealed class StartRunValidator : AbstractValidator<StartRun>
{
    private const int SecondsInWeek = 7 * 24 * 3600;

    public StartRunValidator(Limits limits)
    {
        RuleFor(r => r.AgentId).IsId();
        RuleFor(r => r.ConversationId).IsOptionalId();
        RuleFor(r => r.ProcessId).IsOptionalId();
        RuleFor(r => r.StepId).IsOptionalId();
        RuleFor(r => r.StepId).Must((r, stepId) => stepId is null || r.ProcessId is not null).WithMessage("takes a processId");
        RuleFor(r => r.Input).IsJson(limits.TextBytes);
        RuleFor(r => r.TimeoutSeconds).InclusiveBetween(1, SecondsInWeek).WithMessage($"must be 1 to {SecondsInWeek}");
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class StartRunHandler(CommandPorts ports, RunHomes homes) : Command<StartRun, StartRunResult>(ports)
{
    private const int DefaultTimeoutSeconds = 3600;

    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.AgentsOperate,
        Role = Permission.Operate,
        Offers = [Offer.Operator(nameof(IOperatorHub.StartRun)), Offer.Http("POST /api/v1/runs")],
    };

    protected override Topic? TopicOf(Call<StartRun, StartRunResult> call) => HomeOf(call.Request);

    // Whoever is told of a run, for the first time or again, finds it.
    protected override StartRunResult ValueOf(Call<StartRun, StartRunResult> call)
    {
        var (runId, home) = (RunIdOf(call), HomeOf(call.Request));
        homes.Note(new TopicKey(call.Caller.Tenant, home), runId);
        return new(runId, home.ToString());
    }

    // Member of the home topic, of the process that the run belongs to, and operator of the agent: first whether all of them are seen.
    protected override async ValueTask<Error?> AuthorizeAsync(Call<StartRun, StartRunResult> call, CancellationToken cancellationToken)
    {
        List<TopicFold> named = [call.State.Fold];
        Topic?[] others = [call.Request.ProcessId is { } process ? Topic.Process(process) : null, Topic.Agent(call.Request.AgentId)];
        foreach (var other in others.OfType<Topic>().Where(t => t != HomeOf(call.Request)))
        {
            named.Add(await Folds.GetAsync(new TopicKey(call.Caller.Tenant, other), cancellationToken));
        }

        return named.Select(fold => RoleError(call.Caller, fold, Permission.View))
            .Concat(named.Select(fold => RoleError(call.Caller, fold, Permission.Operate)))
            .FirstOrDefault(error => error is not null);
    }

    protected override Decision Decide(Call<StartRun, StartRunResult> call)
    {
        if (call.State.Fold.State is ConversationState { Archived: true })
        {
            return Decision.Refuse(ConversationErrors.Archived);
        }

        var request = call.Request;
        var runId = RunIdOf(call);
        var deadline = Now.AddSeconds(request.TimeoutSeconds ?? DefaultTimeoutSeconds);
        return Decision.Append(
            EventTypes.RunRequested,
            new RunRequested(runId, request.AgentId, request.Input, deadline, request.ConversationId, request.ProcessId, request.StepId),
            runId);
    }

    private static Topic HomeOf(StartRun request) =>
        request.ConversationId is { } conversation ? Topic.Conversation(conversation)
        : request.ProcessId is { } process ? Topic.Process(process)
        : Topic.Agent(request.AgentId);

    // A key that is used again for another topic makes another run: ids of runs are the tenant's.
    private static string RunIdOf(Call<StartRun, StartRunResult> call) => call.State.Ids.For($"run in {HomeOf(call.Request)}");
}
