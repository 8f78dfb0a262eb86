using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Server;

/// <summary>The HTTP API as somebody with a token, or nobody, uses it.</summary>
public sealed class Api(Uri address, string? token)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object? body = null, string? key = null) => SendAsync(HttpMethod.Post, path, body, key);

    /// <summary>Posts, and waits as told where that is too fast.</summary>
    public async Task<Answer> PostPatientlyAsync(string path, object? body = null)
    {
        while (true)
        {
            var answer = await PostAsync(path, body);
            if (answer.Status != 429)
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromMilliseconds((int)answer.Body!["retryAfterMs"]!), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public Task<Answer> PutAsync(string path, object? body = null, string? key = null) => SendAsync(HttpMethod.Put, path, body, key);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <summary>Sends JSON: of a node, of an object, or none.</summary>
    public Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, string? key = null)
    {
        var json = body switch
        {
            null => null,
            string raw => raw,
            JsonNode node => node.ToJsonString(),
            _ => JsonSerializer.Serialize(body, JsonSerializerOptions.Web),
        };
        return SendAsync(method, path, json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"), ("Idempotency-Key", key));
    }

    /// <summary>Sends whatever content there is.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, path)) { Content = content };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers.Where(h => h.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Deadline.Within(Http.SendAsync(request, TestContext.Current.CancellationToken));
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, text.Length == 0 ? null : Parse(text))
        {
            MediaType = response.Content.Headers.ContentType?.MediaType,
            Location = response.Headers.Location?.OriginalString,
            Allow = string.Join(", ", response.Content.Headers.Allow),
            RetryAfter = response.Headers.RetryAfter?.Delta,
            Sequence = response.Headers.TryGetValues("Event-Sequence", out var values) ? long.Parse(values.Single()) : null,
        };
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}

/// <summary>What the HTTP API answered.</summary>
public sealed record Answer(int Status, JsonNode? Body)
{
    public string? MediaType { get; init; }

    public string? Location { get; init; }

    public long? Sequence { get; init; }

    /// <summary>The methods that the route knows, where the answer says so.</summary>
    public string Allow { get; init; } = "";

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The error's code; null for success.</summary>
    public string? Code => Status < 400 ? null : (string?)(Body as JsonObject)?["code"];

    /// <summary>The body of a success; anything else fails the test.</summary>
    public JsonNode Ok()
    {
        Status.Should().BeInRange(200, 299, "it was answered {0}", Body?.ToJsonString());
        return Body ?? new JsonObject();
    }

    /// <summary>Checks that the answer is a problem of that status and code.</summary>
    public JsonNode Problem(int status, string code)
    {
        Status.Should().Be(status, "it was answered {0}", Body?.ToJsonString());
        MediaType.Should().Be("application/problem+json");
        Code.Should().Be(code);
        ((int?)Body!["status"]).Should().Be(status);
        ((string?)Body["title"]).Should().NotBeNullOrEmpty();
        return Body;
    }
}
