using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Conversations;

internal sealed class AddParticipantValidator : AbstractValidator<AddParticipant>
{
    public AddParticipantValidator()
    {
        RuleFor(r => r.ConversationId).IsId();
        RuleFor(r => r.Participant).NotNull().WithMessage("must be given").SetValidator(new ParticipantValidator());
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class AddParticipantHandler(CommandPorts ports) : Command<AddParticipant, Empty>(ports)
{
    // Each participant is in every snapshot.
    private const int MaxParticipants = 500;

    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.ConversationsWrite,
        Role = Permission.Own,
        Offers =
        [
            Offer.Operator(nameof(IOperatorHub.AddParticipant)),
            Offer.Http("PUT /api/v1/conversations/{conversationId}/participants/{kind}/{participantId}"),
        ],
    };

    protected override Topic? TopicOf(Call<AddParticipant, Empty> call) => Topic.Conversation(call.Request.ConversationId);

    protected override Empty ValueOf(Call<AddParticipant, Empty> call) => Empty.Value;

    protected override Decision Decide(Call<AddParticipant, Empty> call)
    {
        var conversation = call.State.Fold.StateAs<ConversationState>();
        var asked = call.Request.Participant;
        var participant = asked with { Role = asked.Role ?? ParticipantRole.Member };
        var present = conversation.FindParticipant(participant.Subject());
        if (present == participant || (present?.Role == participant.Role && participant.DisplayName is null))
        {
            return Decision.Nothing;
        }

        if (conversation.Archived)
        {
            return Decision.Refuse(ConversationErrors.Archived);
        }

        if (present is { Role: ParticipantRole.Owner } && participant.Role != ParticipantRole.Owner && conversation.IsLastOwner(participant.Subject()))
        {
            return Decision.Refuse(ConversationErrors.LastOwner);
        }

        return conversation.Participants.Count >= MaxParticipants && present is null
            ? Decision.Refuse(Error.TooLarge($"A conversation has at most {MaxParticipants} participants."))
            : Decision.Append(EventTypes.ParticipantJoined, new ParticipantChanged(participant));
    }
}
