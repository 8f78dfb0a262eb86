using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RealtimeHub.Client;
using RealtimeHub.Contracts;
using RealtimeHub.DemoAgent.Answering;
using RealtimeHub.DemoAgent.Documents;
using RealtimeHub.DemoAgent.Models;

namespace RealtimeHub.DemoAgent.Hosting;

/// <summary>The agent: waits for the server, registers itself, and answers until it is stopped.</summary>
internal sealed class DocsGuide(
    IOptions<DocsGuideOptions> options, IOptions<ModelOptions> modelOptions, TimeProvider time, ILogger<DocsGuide> log) : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly IChatClient? model = ModelFactory.Create(modelOptions.Value);
    private readonly DocumentFolder folder = DocumentFolder.Open(options.Value.Folder, AppContext.BaseDirectory);
    private bool announced;

    public override void Dispose()
    {
        model?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var http = new HttpClient();
        using var tokens = new DevelopmentTokens(options.Value, http, time);
        var connection = new RealtimeHubClientOptions
        {
            BaseAddress = options.Value.Server,
            AccessTokenProvider = tokens.GetAsync,
            Hub = HubKind.Agent,
            TimeProvider = time,
        };
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // The first token is the sign that the server is there.
                await tokens.GetAsync(stoppingToken);
                await Registration.RunAsync(connection, stoppingToken);
                await WorkAsync(connection, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (IsAway(error))
            {
                HostingLog.Waiting(log, options.Value.Server, error.Message);
            }
            catch (Exception error) when (error is RealtimeHubException or HttpRequestException)
            {
                HostingLog.Refused(log, error.Message);
            }

            await Task.Delay(RetryPause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Not up yet, or not caught up with the registration: nothing that waiting does not cure.
    private static bool IsAway(Exception error) => error switch
    {
        HttpRequestException { StatusCode: null or >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests } => true,
        RealtimeHubException { Error.Code: ErrorCode.Unavailable or ErrorCode.RateLimited or ErrorCode.NotFound } => true,
        _ => error is OperationCanceledException,
    };

    private async Task WorkAsync(RealtimeHubClientOptions connection, CancellationToken stoppingToken)
    {
        await using var client = new RealtimeHubClient(connection);
        var runtime = new AgentRuntime(client, new AgentRuntimeOptions
        {
            AgentId = DocsGuideOptions.AgentId,
            MaxConcurrentRuns = options.Value.MaxRuns,
            OnReady = Announce,
            Logger = log,
        });
        await runtime.RunAsync(run => AnswerAsync(run, client), stoppingToken);
    }

    private async Task AnswerAsync(RunContext run, RealtimeHubClient client)
    {
        if (await Question.OfAsync(run, client) is not { } question)
        {
            await run.Publisher.FailedAsync("no_question", "The input has no question, and no user has written a message.", run.Cancelled);
            return;
        }

        var index = new SearchIndex(folder.Read());
        await (model is { } chat
            ? new ModelRun(run, index, chat, time).AnswerAsync(question)
            : new DocsRun(run, index, new Pace(options.Value.TokensPerSecond, time), time).AnswerAsync(question));
    }

    private void Announce()
    {
        if (!announced)
        {
            announced = true;
            HostingLog.Ready(log, folder.Read().Count, folder.Root, model is null ? "no model" : modelOptions.Value.Model);
        }
    }
}
