using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Conversations;

internal sealed class ArchiveConversationValidator : AbstractValidator<ArchiveConversation>
{
    public ArchiveConversationValidator()
    {
        RuleFor(r => r.ConversationId).IsId();
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

/// <summary>Runs that are open go on to their end: whoever wants them to stop cancels them.</summary>
internal sealed class ArchiveConversationHandler(CommandPorts ports) : Command<ArchiveConversation, Empty>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.ConversationsWrite,
        Role = Permission.Own,
        Offers =
        [
            Offer.Operator(nameof(IOperatorHub.ArchiveConversation)),
            Offer.Http("POST /api/v1/conversations/{conversationId}/archive"),
        ],
    };

    protected override Topic? TopicOf(Call<ArchiveConversation, Empty> call) => Topic.Conversation(call.Request.ConversationId);

    protected override Empty ValueOf(Call<ArchiveConversation, Empty> call) => Empty.Value;

    protected override Decision Decide(Call<ArchiveConversation, Empty> call) =>
        call.State.Fold.StateAs<ConversationState>().Archived
            ? Decision.Nothing
            : Decision.Append(EventTypes.ConversationArchived, new ConversationArchived());
}
