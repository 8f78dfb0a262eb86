using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Conversations;

internal sealed class CreateConversationValidator : AbstractValidator<CreateConversation>
{
    public CreateConversationValidator()
    {
        RuleFor(r => r.Id).IsOptionalId();
        RuleFor(r => r.Title).IsLine(200);
        RuleFor(r => r.Labels).AreLabels();
        RuleFor(r => r.Participants).HasAtMost(100);
        RuleForEach(r => r.Participants).SetValidator(new ParticipantValidator());
        RuleFor(r => r.Participants)
            .Must(ps => ps is null || ps.OfType<Participant>().Select(p => p.Subject()).Distinct().Count() == ps.Count)
            .WithMessage("must not name anybody twice");
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class CreateConversationHandler(CommandPorts ports) : Command<CreateConversation, CreateConversationResult>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.ConversationsWrite,
        Offers = [Offer.Operator(nameof(IOperatorHub.CreateConversation)), Offer.Http("POST /api/v1/conversations")],
    };

    protected override Topic? TopicOf(Call<CreateConversation, CreateConversationResult> call) => Topic.Conversation(IdOf(call));

    protected override CreateConversationResult ValueOf(Call<CreateConversation, CreateConversationResult> call) => new(IdOf(call));

    protected override Decision Decide(Call<CreateConversation, CreateConversationResult> call)
    {
        if (call.State.Fold.Exists)
        {
            return call.Request.Id is null ? Decision.RenewIds : Decision.Refuse(ConversationErrors.Taken(call.Request.Id));
        }

        var caller = call.Caller.Subject;
        var owner = new Participant { Kind = caller.Kind, Id = caller.Id, Role = ParticipantRole.Owner };
        var others = (call.Request.Participants ?? [])
            .Where(p => p.Subject() != caller)
            .Select(p => p with { Role = p.Role ?? ParticipantRole.Member });
        return Decision.Append(
            EventTypes.ConversationCreated,
            new ConversationCreated(call.Request.Title, [owner, .. others], call.Request.Labels ?? new Dictionary<string, string>()));
    }

    private static string IdOf(Call<CreateConversation, CreateConversationResult> call) =>
        call.Request.Id ?? call.State.Ids.ForTopic("conversation");
}
