using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Server.Documents;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Documents;

/// <summary>The documents are there for everybody, whole, and hold all that exists.</summary>
public sealed class DocumentsTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private static readonly HttpClient Http = new();

    private static readonly string[] Paths =
    [
        ContractDocuments.OpenApi, ContractDocuments.AsyncApi,
        .. new[] { "index", "events", "requests", "replies", "messages", "states", "problem" }.Select(n => $"/schemas/v1/{n}.json"),
    ];

    public static TheoryData<string> All => [.. Paths];

    private IEnumerable<Offer> Offers => server.Services.GetRequiredService<UseCases>().All.SelectMany(u => u.Rules.Offers);

    [Fact]
    public async Task Documents_AllThatThereAre_AreTheseAndInTheIndex()
    {
        var all = await server.Services.GetRequiredService<ContractDocuments>().All;
        all.Keys.Should().BeEquivalentTo(Paths);

        var index = (await ReadAsync("/schemas/v1/index.json")).AsObject();
        index.Select(e => (string)e.Value!["href"]!).Should().BeEquivalentTo(Paths.Where(p => p.StartsWith("/schemas/", StringComparison.Ordinal) && !p.EndsWith("index.json", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Get_WithoutAToken_IsAnsweredAndCacheable(string path)
    {
        using var response = await GetAsync(path);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/json");
        response.Headers.CacheControl!.Public.Should().BeTrue();

        using var again = await GetAsync(path, response.Headers.ETag);
        again.StatusCode.Should().Be(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Get_SchemaThatIsNone_IsAProblem() =>
        (await server.Anonymous().GetAsync("/schemas/v1/nothing.json")).Problem(404, "not_found");

    [Theory]
    [MemberData(nameof(All))]
    public async Task References_InEveryDocument_Resolve(string path)
    {
        var document = await ReadAsync(path);
        var check = new SchemaCheck(document);
        var references = ReferencesIn(document).ToList();

        foreach (var reference in references)
        {
            check.Invoking(c => c.Resolve(reference)).Should().NotThrow();
        }

        (references.Count > 0).Should().Be(!path.EndsWith("index.json", StringComparison.Ordinal) && !path.EndsWith("nothing.json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OpenApi_ReadByTheLibrary_IsValid()
    {
        using var response = await GetAsync(ContractDocuments.OpenApi);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        var read = OpenApiDocument.Parse(text, OpenApiConstants.Json);

        read.Diagnostic!.Errors.Should().BeEmpty();
        read.Diagnostic.Warnings.Should().BeEmpty();
        read.Diagnostic.SpecificationVersion.Should().Be(OpenApiSpecVersion.OpenApi3_1);
        text.Should().NotContain(server.Address.Authority).And.NotContain("localhost");
    }

    [Fact]
    public async Task OpenApi_EveryRoute_IsDescribed()
    {
        var routes = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => !e.RoutePattern.RawText!.StartsWith("/hubs/", StringComparison.Ordinal))
            .Where(e => e.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null)
            .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(m => $"{m} /{e.RoutePattern.RawText!.TrimStart('/')}"));

        var described = (await ReadAsync(ContractDocuments.OpenApi))["paths"]!.AsObject()
            .SelectMany(p => p.Value!.AsObject().Select(o => $"{o.Key.ToUpperInvariant()} {p.Key}"));

        described.Select(HttpContract.SignatureOf).Should().BeEquivalentTo(routes.Select(HttpContract.SignatureOf))
            .And.Contain(Offers.Where(o => o.Surface == Surface.Http).Select(o => HttpContract.SignatureOf(o.Name)));
    }

    [Fact]
    public async Task OpenApi_EveryOperation_HasANameAPurposeAndAnAnswer()
    {
        var operations = (await ReadAsync(ContractDocuments.OpenApi))["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject()).Select(o => o.Value!.AsObject()).ToList();

        operations.Select(o => (string?)o["operationId"]).Should().OnlyHaveUniqueItems().And.NotContainNulls();
        operations.Should().AllSatisfy(o =>
        {
            ((string?)o["summary"]).Should().NotBeNullOrEmpty((string?)o["operationId"]);
            o["responses"]!.AsObject().Should().Contain(r => r.Key.StartsWith('2'));
        });
    }

    [Fact]
    public async Task OpenApi_EveryRequestOverHttp_TakesItsKeyItsPathAndItsScope()
    {
        var contract = await HttpContract.OfAsync(server.Address);
        foreach (var useCase in server.Services.GetRequiredService<UseCases>().All)
        {
            foreach (var offer in useCase.Rules.Offers.Where(o => o.Surface == Surface.Http))
            {
                var (method, route) = (offer.Name.Split(' ')[0], offer.Name.Split(' ')[1]);
                var operation = contract.OperationOf(method, route)!;
                var parameters = (operation["parameters"]?.AsArray() ?? []).Select(p => ((string)p!["in"]!, (string)p["name"]!)).ToList();
                parameters.Count(p => p.Item1 == "path").Should().Be(route.Count(c => c == '{'), offer.Name);
                parameters.Contains(("header", "Idempotency-Key")).Should().Be(useCase.RequestType.IsAssignableTo(typeof(IKeyedRequest)), offer.Name);
                operation["security"]![0]!["bearer"]!.AsArray().Select(s => (string?)s).Should().BeEquivalentTo(
                    useCase.Rules.Scope is { } scope ? [scope] : Array.Empty<string>(), offer.Name);
            }
        }
    }

    [Fact]
    public async Task AsyncApi_EveryHubMethodAndPush_IsAnOperation()
    {
        var document = await ReadAsync(ContractDocuments.AsyncApi);
        var names = new Dictionary<Surface, string> { [Surface.EventsHub] = "events", [Surface.OperatorHub] = "operator", [Surface.AgentHub] = "agent" };
        var operations = document["operations"]!.AsObject();

        operations.Where(o => (string?)o.Value!["action"] == "send").Select(o => o.Key)
            .Should().BeEquivalentTo(Offers.Where(o => o.Surface != Surface.Http).Select(o => $"{names[o.Surface]}.{o.Name}"));
        operations.Where(o => (string?)o.Value!["action"] == "receive").Select(o => o.Key)
            .Should().Contain(names.Values.SelectMany(n => typeof(IEventsClient).GetMethods().Select(m => $"{n}.on{m.Name}")));
        document["channels"]!.AsObject().Select(c => (string)c.Value!["address"]!).Should().Equal(HubPaths.Events, HubPaths.Operator, HubPaths.Agent);
        ((string?)document["asyncapi"]).Should().Be("3.0.0");
    }

    [Fact]
    public async Task AsyncApi_EveryObject_HasWhatTheSpecificationAsksFor()
    {
        var document = await ReadAsync(ContractDocuments.AsyncApi);
        var check = new SchemaCheck(document);

        ((string?)document["info"]!["title"]).Should().NotBeNullOrEmpty();
        ((string?)document["info"]!["version"]).Should().NotBeNullOrEmpty();
        foreach (var (name, operation) in document["operations"]!.AsObject())
        {
            ((string?)operation!["action"]).Should().BeOneOf("send", "receive");
            var channel = (string)operation["channel"]!["$ref"]!;
            check.Resolve(channel).Should().NotBeNull();

            // A message of an operation is one of its channel, by reference.
            var messages = operation["messages"]!.AsArray().Concat(operation["reply"]?["messages"]?.AsArray() ?? []);
            messages.Should().AllSatisfy(m => ((string)m!["$ref"]!).Should().StartWith($"{channel}/messages/"), name);
            (operation["reply"] is not null).Should().Be((string?)operation["action"] == "send", name);
        }

        document["channels"]!.AsObject().SelectMany(c => c.Value!["messages"]!.AsObject()).Should().AllSatisfy(m =>
            m.Value!["payload"].Should().NotBeNull(m.Key));
    }

    [Fact]
    public async Task Events_TypesInTheSchema_AreTheRegistrys()
    {
        var schemas = (await ReadAsync("/schemas/v1/events.json"))["$defs"]!;

        var types = schemas["AnyEvent"]!["oneOf"]!.AsArray().Select(b => (string)b!["$ref"]!)
            .Select(r => (string?)schemas[r.Split('/')[^1]]!["properties"]!["type"]!["const"]);

        types.Should().BeEquivalentTo([.. EventTypes.Registered.Select(t => t.Name), null]);
    }

    [Fact]
    public async Task Page_WithAllItLoads_ComesFromThisServer()
    {
        using var page = await GetAsync("/docs/");
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        html.Should().NotContain("http://").And.NotContain("https://").And.Contain("openapi/v1.json");
        page.Headers.GetValues("Content-Security-Policy").Should().ContainSingle().Which.Should().Contain("default-src 'self'");
        foreach (var script in (string[])["scalar.js", "scalar.aspnetcore.js"])
        {
            using var response = await GetAsync($"/docs/{script}");
            response.StatusCode.Should().Be(HttpStatusCode.OK);
            response.Content.Headers.ContentType!.MediaType.Should().Be("text/javascript");
        }
    }

    private async Task<HttpResponseMessage> GetAsync(string path, EntityTagHeaderValue? known = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, path));
        if (known is not null)
        {
            request.Headers.IfNoneMatch.Add(known);
        }

        return await Deadline.Within(Http.SendAsync(request, TestContext.Current.CancellationToken));
    }

    private async Task<JsonNode> ReadAsync(string path) => (await server.Anonymous().GetAsync(path)).Ok();

    private static IEnumerable<string> ReferencesIn(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(m => m.Key == "$ref" ? [(string)m.Value!] : ReferencesIn(m.Value)),
        JsonArray list => list.SelectMany(ReferencesIn),
        _ => [],
    };
}
