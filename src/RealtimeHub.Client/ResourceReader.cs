using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using RealtimeHub.Contracts;

namespace RealtimeHub.Client;

/// <summary>What is read over HTTP.</summary>
internal sealed class ResourceReader(RealtimeHubClientOptions options) : IDisposable
{
    private readonly HttpClient http = new() { Timeout = options.CommandTimeout };

    /// <summary>GET of a path below <c>/api/v1/</c>.</summary>
    public async Task<Reply<T>> ReadAsync<T>(string path, CancellationToken cancellationToken)
    {
        var address = $"{options.BaseAddress.AbsoluteUri.TrimEnd('/')}/api/v1/{path}";
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await options.AccessTokenProvider(cancellationToken));
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode
                ? Reply<T>.Success((await response.Content.ReadFromJsonAsync<T>(Connection.WireJson.Options, cancellationToken))!)
                : Reply<T>.Fail(await ErrorOfAsync(response, cancellationToken));
        }
        catch (Exception error) when (error is HttpRequestException or JsonException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Reply<T>.Fail(new Error(ErrorCode.Unavailable, error.Message));
        }
    }

    public void Dispose() => http.Dispose();

    // Problem details carry the same code as a hub's reply; what is no problem document came from something in between.
    private static async Task<Error> ErrorOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            var code = JsonSerializer.Deserialize<ErrorCode>(problem.GetProperty("code"), Connection.WireJson.Options);
            var text = problem.TryGetProperty("detail", out var detail) ? detail.GetString() : response.ReasonPhrase;
            return new Error(code, text ?? code.ToString());
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or NotSupportedException)
        {
            return new Error(ErrorCode.Unavailable, $"The service answered {(int)response.StatusCode}.");
        }
    }
}
