using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Conversations;

internal sealed class RemoveParticipantValidator : AbstractValidator<RemoveParticipant>
{
    public RemoveParticipantValidator()
    {
        RuleFor(r => r.ConversationId).IsId();
        RuleFor(r => r.Participant).NotNull().WithMessage("must be given").SetValidator(new ParticipantValidator());
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class RemoveParticipantHandler(CommandPorts ports) : Command<RemoveParticipant, Empty>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.ConversationsWrite,
        Role = Permission.Own,
        Offers =
        [
            Offer.Operator(nameof(IOperatorHub.RemoveParticipant)),
            Offer.Http("DELETE /api/v1/conversations/{conversationId}/participants/{kind}/{participantId}"),
        ],
    };

    protected override Topic? TopicOf(Call<RemoveParticipant, Empty> call) => Topic.Conversation(call.Request.ConversationId);

    protected override Empty ValueOf(Call<RemoveParticipant, Empty> call) => Empty.Value;

    // Whoever is in may leave.
    protected override ValueTask<Error?> AuthorizeAsync(Call<RemoveParticipant, Empty> call, CancellationToken cancellationToken) =>
        ValueTask.FromResult(RoleError(
            call.Caller, call.State.Fold, call.Request.Participant.Subject() == call.Caller.Subject ? Permission.View : Permission.Own));

    protected override Decision Decide(Call<RemoveParticipant, Empty> call)
    {
        var conversation = call.State.Fold.StateAs<ConversationState>();
        var subject = call.Request.Participant.Subject();
        if (conversation.FindParticipant(subject) is not { } present)
        {
            return Decision.Nothing;
        }

        return conversation.IsLastOwner(subject)
            ? Decision.Refuse(ConversationErrors.LastOwner)
            : Decision.Append(EventTypes.ParticipantLeft, new ParticipantChanged(present));
    }
}
