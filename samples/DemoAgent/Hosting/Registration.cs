using RealtimeHub.Client;
using RealtimeHub.Contracts;

namespace RealtimeHub.DemoAgent.Hosting;

/// <summary>Makes sure that the agent and a conversation to ask it in are there.</summary>
internal static class Registration
{
    public static async Task RunAsync(RealtimeHubClientOptions options, CancellationToken cancellationToken)
    {
        await using var client = new RealtimeHubClient(options with { Hub = HubKind.Operator });
        Check(await client.RegisterAgentAsync(
            new RegisterAgent
            {
                AgentId = DocsGuideOptions.AgentId,
                Name = "Docs Guide",
                Description = "Answers questions about a folder of documents, with the file and line of every statement. "
                    + "Tell it while it works where to look, what else to look for, or to be shorter.",
                Capabilities = ["questions", "citations", "steering"],

                // Not everyone (role *): whoever holds a grant on an agent sees copies of all its runs, questions and all.
                Grants =
                [
                    new AccessGrant(Subject.User("operator"), Permission.Operate),
                    new AccessGrant(Subject.Role("operator"), Permission.Operate),
                    new AccessGrant(Subject.User("viewer"), Permission.View),
                ],
            },
            cancellationToken));
        Check(await client.CreateConversationAsync(
            new CreateConversation
            {
                Id = "welcome",
                Title = "Ask the docs",
                Participants =
                [
                    new Participant { Kind = SubjectKind.User, Id = "operator", Role = ParticipantRole.Owner },
                    new Participant { Kind = SubjectKind.User, Id = "viewer", Role = ParticipantRole.Observer },
                ],
            },
            cancellationToken));
    }

    // A conflict means that it is there already, from an earlier start.
    private static void Check<T>(Reply<T> reply)
    {
        if (!reply.Ok && reply.Error?.Code != ErrorCode.Conflict)
        {
            throw new RealtimeHubException(reply.Error ?? new Error(ErrorCode.Internal, "The server gave no reason."));
        }
    }
}
