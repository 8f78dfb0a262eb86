using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Conversations;

internal sealed class SendMessageValidator : AbstractValidator<SendMessage>
{
    public SendMessageValidator(Limits limits)
    {
        RuleFor(r => r.ConversationId).IsId();
        RuleFor(r => r.Text).IsText(limits.TextBytes);
        RuleFor(r => r.ArtifactIds).HasAtMost(32);
        RuleForEach(r => r.ArtifactIds).IsId();
        RuleFor(r => r.ReplyTo).IsOptionalId();
        RuleFor(r => r.IdempotencyKey).IsKey();
    }
}

internal sealed class SendMessageHandler(CommandPorts ports) : Command<SendMessage, SendMessageResult>(ports)
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = Scopes.ConversationsWrite,
        Role = Permission.Operate,
        Offers =
        [
            Offer.Operator(nameof(IOperatorHub.SendMessage)),
            Offer.Http("POST /api/v1/conversations/{conversationId}/messages"),
        ],
    };

    protected override Topic? TopicOf(Call<SendMessage, SendMessageResult> call) => Topic.Conversation(call.Request.ConversationId);

    protected override SendMessageResult ValueOf(Call<SendMessage, SendMessageResult> call) => new(MessageIdOf(call));

    protected override Decision Decide(Call<SendMessage, SendMessageResult> call) =>
        call.State.Fold.StateAs<ConversationState>().Archived
            ? Decision.Refuse(ConversationErrors.Archived)
            : Decision.Append(EventTypes.MessageCreated, new MessageCreated(
                MessageIdOf(call), MessageRole.User, call.Request.Text, call.Request.ArtifactIds, call.Request.ReplyTo));

    private static string MessageIdOf(Call<SendMessage, SendMessageResult> call) => call.State.Ids.For($"message in {call.Request.ConversationId}");
}
