using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Core.Features.Conversations;

internal sealed class ParticipantValidator : AbstractValidator<Participant>
{
    public ParticipantValidator()
    {
        RuleFor(p => p.Kind).NotEqual(SubjectKind.System).WithMessage("must be user, agent, device or role");
        RuleFor(p => p.Id).IsIdOf(p => p.Kind);
        RuleFor(p => p.DisplayName).IsOptionalLine(200);
    }
}

internal static class ParticipantExtensions
{
    public static Subject Subject(this Participant participant) => new(participant.Kind, participant.Id);
}
