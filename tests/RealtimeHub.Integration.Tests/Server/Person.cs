using System.Text.Json.Nodes;
using RealtimeHub.Contracts;

namespace RealtimeHub.Integration.Tests.Server;

/// <summary>Somebody with a token: a user, or an agent's runtime.</summary>
public sealed class Person
{
    /// <summary>Every scope but <c>admin</c>, which opens every door.</summary>
    public static readonly string[] EveryScope = [.. Scopes.All.Where(s => s != Scopes.Admin)];

    private Person(Uri address, string tenant, string user, string token)
    {
        Address = address;
        (Tenant, User, Token) = (tenant, user, token);
        Api = new Api(address, token);
    }

    /// <summary>The server that knows the token.</summary>
    public Uri Address { get; }

    public string Tenant { get; }

    public string User { get; }

    public string Token { get; }

    public Api Api { get; }

    public static async Task<Person> SignInAsync(
        Uri address, string tenant, string user, string[] scopes, string[]? roles, string[]? agents, int? seconds)
    {
        var token = await TokenAsync(address, tenant, user, scopes, roles, agents, seconds);
        return new Person(address, tenant, user, token);
    }

    public static async Task<string> TokenAsync(
        Uri address, string tenant, string user, string[] scopes, string[]? roles = null, string[]? agents = null, int? seconds = null)
    {
        var body = new { tenant, user, scopes, roles, agentIds = agents, expiresInSeconds = seconds };
        return (string)(await new Api(address, token: null).PostAsync("/auth/dev-token", body)).Ok()["accessToken"]!;
    }

    /// <summary>The same person at a server that was started again.</summary>
    public Person At(Uri elsewhere) => new(elsewhere, Tenant, User, Token);

    /// <summary>A connection to a hub.</summary>
    /// <param name="hub">Its path.</param>
    /// <param name="protocol">The hub protocol.</param>
    /// <param name="received">Where to add what is received; of its own when not given.</param>
    /// <param name="negotiates">Whether to negotiate first.</param>
    public Task<HubClient> ConnectAsync(string hub, HubProtocol protocol = HubProtocol.Json, Received? received = null, bool negotiates = true) =>
        HubClient.ConnectAsync(Address, hub, protocol, () => Task.FromResult(Token), received: received, negotiates: negotiates);

    /// <summary>The whole history of a topic, oldest first; every page of it.</summary>
    public async Task<List<JsonObject>> HistoryAsync(string topic)
    {
        var events = new List<JsonObject>();
        var after = "";
        while (true)
        {
            var page = (await Api.GetAsync($"/api/v1/topics/{topic}/events?limit=1000&after={after}")).Ok();
            events.AddRange(page["events"]!.AsArray().Select(e => e!.AsObject()));
            after = (string)page["cursor"]!;
            if (!(bool)page["hasMore"]!)
            {
                return events;
            }
        }
    }
}
