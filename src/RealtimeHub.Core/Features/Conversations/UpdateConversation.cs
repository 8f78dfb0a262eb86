using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Conversations;

internal sealed class UpdateConversationValidator : AbstractValidator<UpdateConversation>
{
    public UpdateConversationValidator()
    {
        RuleFor(r => r.ConversationId).IsId();
        RuleFor(r => r.Title).IsLine(200).When(r => r.Title is not null);
        RuleFor(r => r.Labels).AreLabels();
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class UpdateConversationHandler(CommandPorts ports) : Command<UpdateConversation, Empty>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.ConversationsWrite,
        Role = Permission.Operate,
        Offers =
        [
            Offer.Operator(nameof(IOperatorHub.UpdateConversation)),
            Offer.Http("PATCH /api/v1/conversations/{conversationId}"),
        ],
    };

    protected override Topic? TopicOf(Call<UpdateConversation, Empty> call) => Topic.Conversation(call.Request.ConversationId);

    protected override Empty ValueOf(Call<UpdateConversation, Empty> call) => Empty.Value;

    protected override Decision Decide(Call<UpdateConversation, Empty> call)
    {
        var conversation = call.State.Fold.StateAs<ConversationState>();
        var update = new ConversationUpdated(call.Request.Title, call.Request.Labels);
        return conversation.Archived ? Decision.Refuse(ConversationErrors.Archived)
            : conversation.Describes(update) ? Decision.Nothing
            : Decision.Append(EventTypes.ConversationUpdated, update);
    }
}
