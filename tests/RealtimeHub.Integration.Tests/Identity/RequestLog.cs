using Microsoft.AspNetCore.Http;

namespace RealtimeHub.Integration.Tests.Identity;

/// <summary>What kind of credential a request carried.</summary>
internal enum Carried
{
    Nothing,
    Jwt,
    Ticket,
}

/// <summary>A request that the server answered.</summary>
internal sealed record Answered(string Method, string Path, bool HasConnection, Carried Header, Carried Query, int Status);

/// <summary>Every request that the server answered, in the order of the answers.</summary>
internal sealed class RequestLog
{
    private readonly Lock gate = new();
    private readonly List<Answered> answered = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Answered> Answered
    {
        get
        {
            lock (gate)
            {
                return [.. answered];
            }
        }
    }

    /// <summary>The middleware that fills it.</summary>
    public async Task RecordAsync(HttpContext context, RequestDelegate next)
    {
        var header = KindOf(context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal));
        try
        {
            await next(context);
        }
        finally
        {
            var request = context.Request;
            Add(new Answered(
                request.Method,
                request.Path,
                request.Query.ContainsKey("id"),
                header,
                KindOf(request.Query["access_token"].ToString()),
                context.Response.StatusCode));
        }
    }

    /// <summary>Waits until a request like this was answered.</summary>
    public async Task WaitForAsync(Func<Answered, bool> like)
    {
        while (true)
        {
            Task signal;
            lock (gate)
            {
                if (answered.Any(like))
                {
                    return;
                }

                signal = changed.Task;
            }

            try
            {
                await signal.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            }
            catch (TimeoutException e)
            {
                throw new TimeoutException($"It never came. Answered: {string.Join("; ", Answered)}", e);
            }
        }
    }

    private void Add(Answered one)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            answered.Add(one);
            signal = changed;
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        signal.SetResult();
    }

    private static Carried KindOf(string credential) =>
        credential.Length == 0 ? Carried.Nothing : credential.Contains('.', StringComparison.Ordinal) ? Carried.Jwt : Carried.Ticket;
}
