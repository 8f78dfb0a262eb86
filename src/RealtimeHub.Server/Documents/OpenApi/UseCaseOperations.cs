using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Documents.Schemas;

namespace RealtimeHub.Server.Documents.OpenApi;

/// <summary>One operation for each route that a use case declares. Controllers bind by hand, so the framework knows nothing of these.</summary>
internal sealed class UseCaseOperations(OpenApiDocument document, SchemaSource source, SchemaSet schemas, ErrorResponses errors)
{
    /// <summary>Verb, route and operation of everything that is offered over HTTP.</summary>
    public IEnumerable<(HttpMethod Method, string Route, OpenApiOperation Operation)> All() =>
        from useCase in source.UseCases.All.OrderBy(u => u.RequestType.Name, StringComparer.Ordinal)
        from offer in useCase.Rules.Offers
        where offer.Surface == Surface.Http
        let parts = offer.Name.Split(' ', 2)
        select (HttpMethod.Parse(parts[0]), parts[1], Of(useCase, HttpMethod.Parse(parts[0]), parts[1]));

    private OpenApiOperation Of(IUseCase useCase, HttpMethod method, string route)
    {
        var request = useCase.RequestType;
        var kind = KindOf(useCase, route);
        var members = RouteMembers.Of(schemas, request, RouteMembers.ParametersOf(route));
        var operation = new OpenApiOperation
        {
            OperationId = kind is null ? request.Name : $"Get{char.ToUpperInvariant(kind[0])}{kind[1..]}",
            Summary = kind is null ? source.Summaries.Of(request) : $"The state of one {kind}: what its topic's snapshot holds.",
            Description = Permissions(useCase.Rules),
            Tags = new HashSet<OpenApiTagReference> { new(TagOf(useCase), document) },
            Security = [new() { [new OpenApiSecuritySchemeReference(OperationsTransformer.Bearer, document)] = ScopesOf(useCase.Rules) }],
            Parameters = [.. members.Parameters.Select(p => Parameter(p.Parameter, ParameterLocation.Path, p.Schema, isRequired: true))],
            Responses = [],
        };
        if (method == HttpMethod.Get)
        {
            AddQuery(operation, members);
        }
        else
        {
            AddBody(operation, request, members);
        }

        AddSuccess(operation, useCase, method, route, kind);
        foreach (var status in Failures(useCase, method, route, members))
        {
            var (name, response) = errors.Of(status);
            operation.Responses[name] = response;
        }

        return operation;
    }

    /// <summary>The feature whose folder the use case lies in.</summary>
    public static string TagOf(IUseCase useCase) => useCase.GetType().Namespace!.Split('.')[^1];

    // GET of one thing is its topic's state by itself, not what the request answers.
    private static string? KindOf(IUseCase useCase, string route) =>
        useCase.RequestType == typeof(GetSnapshot) && !route.Contains("{topic}", StringComparison.Ordinal)
            ? route.Split('/')[^2] is "processes" ? "process" : route.Split('/')[^2].TrimEnd('s')
            : null;

    private static string Permissions(RequestRules rules) => (rules.Scope, rules.Role) switch
    {
        (null, _) => "Takes the scope that reads the topic's kind, and the permission to see it.",
        ({ } scope, null) => $"Takes the scope `{scope}`.",
        ({ } scope, { } role) => $"Takes the scope `{scope}`, and the permission to {role.ToString().ToLowerInvariant()} the topic.",
    };

    // RFC 6750 tokens have scopes, and OpenAPI 3.1 lets any scheme name what it takes.
    private static List<string> ScopesOf(RequestRules rules) => rules.Scope is { } scope ? [scope] : [];

    private void AddQuery(OpenApiOperation operation, RouteMembers members)
    {
        foreach (var (name, schema) in members.Rest["properties"]!.AsObject())
        {
            operation.Parameters!.Add(Parameter(name, ParameterLocation.Query, WithoutNull(schema!.AsObject()), isRequired: false));
        }
    }

    // Neither a query nor a header has a null.
    private static JsonObject WithoutNull(JsonObject schema)
    {
        var plain = schema.DeepClone().AsObject();
        if (plain["type"] is JsonArray types)
        {
            plain["type"] = types.First(t => (string?)t != "null")!.DeepClone();
        }

        if (plain["anyOf"] is JsonArray branches)
        {
            branches.RemoveAll(b => (string?)b!["type"] == "null");
        }

        return plain;
    }

    private void AddBody(OpenApiOperation operation, Type request, RouteMembers members)
    {
        if (request.IsAssignableTo(typeof(IKeyedRequest)))
        {
            var key = WithoutNull(members.Rest["properties"]!["idempotencyKey"]!.AsObject());
            operation.Parameters!.Add(Parameter("Idempotency-Key", ParameterLocation.Header, key, isRequired: false));
        }

        if (!members.HasRest)
        {
            return;
        }

        var name = operation.OperationId!;
        var body = members.Rest.DeepClone().AsObject();
        if (members.Parameters.Count > 0)
        {
            name += "Body";
            body["title"] = name;
            body["description"] = $"`{request.Name}` without what the path says.";
        }

        operation.RequestBody = new OpenApiRequestBody
        {
            Required = members.RequiresRest,
            Content = Json(schemas.Add(name, body)),
        };
    }

    private void AddSuccess(OpenApiOperation operation, IUseCase useCase, HttpMethod method, string route, string? kind)
    {
        if (useCase.ValueType == typeof(Empty))
        {
            operation.Responses!["204"] = new OpenApiResponse { Description = "Done.", Headers = Headers(useCase, isMade: false) };
            return;
        }

        var value = kind is null ? useCase.ValueType : SchemaFiles.StateOf(kind);
        var content = value is null ? Json(new JsonObject { ["type"] = "object" }) : Json(schemas.Wire(value));
        var makes = MakesSomething(useCase);
        if (makes)
        {
            operation.Responses!["201"] = new OpenApiResponse { Description = "Made.", Content = content, Headers = Headers(useCase, isMade: true) };
        }

        // PUT and a key that was used before find what there is.
        if (!makes || method == HttpMethod.Put)
        {
            operation.Responses!["200"] = new OpenApiResponse
            {
                Description = makes ? "It was there." : "Done.",
                Content = content,
                Headers = Headers(useCase, isMade: false),
            };
        }
    }

    /// <summary>The value of a keyed request names what was made, if anything was.</summary>
    private static bool MakesSomething(IUseCase useCase) =>
        useCase.RequestType.IsAssignableTo(typeof(IKeyedRequest)) && useCase.ValueType != typeof(Empty);

    private static Dictionary<string, IOpenApiHeader>? Headers(IUseCase useCase, bool isMade)
    {
        if (!useCase.RequestType.IsAssignableTo(typeof(IKeyedRequest)) && useCase.ValueType != typeof(PublishResult))
        {
            return null;
        }

        var headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
        {
            ["Event-Sequence"] = new OpenApiHeader
            {
                Description = "Sequence of the appended event; absent when nothing was appended.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Integer },
            },
        };
        if (isMade)
        {
            headers["Location"] = new OpenApiHeader
            {
                Description = "Where it is, if it can be got by itself.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference" },
            };
        }

        return headers;
    }

    private static IEnumerable<int> Failures(IUseCase useCase, HttpMethod method, string route, RouteMembers members)
    {
        yield return StatusCodes.Status400BadRequest;
        yield return StatusCodes.Status401Unauthorized;
        yield return StatusCodes.Status403Forbidden;

        // To an admin a topic may be named that is not there: it has no audit records.
        if (members.Parameters.Count > 0
            || Properties(members).Any(p => p.EndsWith("Id", StringComparison.Ordinal) || (p == "topic" && useCase.Rules.Scope != Scopes.Admin)))
        {
            yield return StatusCodes.Status404NotFound;
        }

        if (method != HttpMethod.Get)
        {
            yield return StatusCodes.Status409Conflict;
        }

        // A cursor may be of another epoch or older than what is kept; the `after` of lists is none.
        if (Properties(members).Contains("before"))
        {
            yield return StatusCodes.Status410Gone;
        }

        if (method != HttpMethod.Get)
        {
            yield return StatusCodes.Status413PayloadTooLarge;
            yield return StatusCodes.Status415UnsupportedMediaType;
        }

        yield return StatusCodes.Status429TooManyRequests;
        yield return StatusCodes.Status500InternalServerError;
        yield return StatusCodes.Status503ServiceUnavailable;
    }

    private static IEnumerable<string> Properties(RouteMembers members) => members.Rest["properties"]!.AsObject().Select(p => p.Key);

    private OpenApiParameter Parameter(string name, ParameterLocation place, JsonObject schema, bool isRequired)
    {
        var plain = schema.DeepClone().AsObject();
        var description = (string?)plain["description"];
        plain.Remove("description");
        return new OpenApiParameter
        {
            Name = name,
            In = place,
            Required = isRequired,
            Description = description,
            Schema = OpenApiSchemas.Read(plain, document),
        };
    }

    private Dictionary<string, OpenApiMediaType> Json(JsonObject schema) =>
        new(StringComparer.Ordinal) { ["application/json"] = new() { Schema = OpenApiSchemas.Read(schema, document) } };
}
