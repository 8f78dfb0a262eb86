using System.Reflection;
using System.Text.Json.Nodes;
using RealtimeHub.Contracts;
using RealtimeHub.Server.Documents.OpenApi;
using RealtimeHub.Server.Documents.Schemas;

namespace RealtimeHub.Server.Documents.AsyncApi;

/// <summary>The hubs as AsyncAPI 3.0, by reflection over their interfaces: a new method or push is in it by itself.</summary>
/// <remarks>As AsyncAPI wants it, the document describes one application: a client. It sends what hubs take and receives what they push.</remarks>
internal sealed class AsyncApiBuilder(SchemaSource source)
{
    private readonly SchemaSet schemas = new(source, OpenApiSchemas.Home);
    private readonly JsonObject channels = [];
    private readonly JsonObject operations = [];

    public JsonObject Build()
    {
        AddHub("events", HubPaths.Events, "Subscriptions alone: read-only.", typeof(IEventsHub), typeof(IEventsClient));
        AddHub("operator", HubPaths.Operator, "Subscriptions and the commands of operators.", typeof(IOperatorHub), typeof(IOperatorClient));
        AddHub("agent", HubPaths.Agent, "Subscriptions and publishing, for agent runtimes and devices.", typeof(IAgentHub), typeof(IAgentClient));
        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = "RealtimeHub",
                ["version"] = "v1",
                ["description"] = "The hubs, as a client of theirs sees them. They speak ASP.NET Core SignalR in the protocols `json` and `messagepack`, "
                    + "with the same names in both. Each method takes one request and answers one reply; what is pushed comes without being asked. "
                    + "A message here is the argument of the SignalR invocation whose target is the message's name. The same requests over HTTP: /openapi/v1.json.",
            },
            ["defaultContentType"] = "application/json",
            ["channels"] = channels,
            ["operations"] = operations,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    [OperationsTransformer.Bearer] = new JsonObject
                    {
                        ["type"] = "http",
                        ["scheme"] = "bearer",
                        ["bearerFormat"] = "JWT",
                        ["description"] = "Of the negotiation, which answers with a ticket that stock clients open the connection with.",
                    },
                },
                ["schemas"] = schemas.ToJson(),
            },
        };
    }

    private void AddHub(string name, string address, string description, Type hub, Type client)
    {
        var messages = new JsonObject();
        channels[name] = new JsonObject
        {
            ["address"] = address,
            ["description"] = description,
            ["messages"] = messages,
            ["bindings"] = new JsonObject { ["ws"] = new JsonObject { ["method"] = "GET", ["bindingVersion"] = "0.1.0" } },
            ["x-signalr"] = new JsonObject { ["protocols"] = new JsonArray("json", "messagepack") },
        };
        foreach (var method in MethodsOf(hub))
        {
            AddMethod(name, messages, method);
        }

        foreach (var push in MethodsOf(client))
        {
            messages[push.Name] = Message(push.Name, source.Summaries.Of(push), schemas.Wire(push.GetParameters()[0].ParameterType));
            AddOperation($"{name}.on{push.Name}", name, "receive", source.Summaries.Of(push), [push.Name]);
        }
    }

    private void AddMethod(string hub, JsonObject messages, MethodInfo method)
    {
        var parameters = method.GetParameters();
        var stream = parameters.FirstOrDefault(p => IsStream(p.ParameterType));
        var request = parameters.Where(p => p != stream).ToList();
        var summary = source.Summaries.Of(request.Count == 1 ? request[0].ParameterType : method.DeclaringType!) is { } words && request.Count == 1
            ? words
            : source.Summaries.Of(method);
        var sent = new List<string> { method.Name };
        messages[method.Name] = Message(method.Name, summary, request.Count == 1 ? schemas.Request(request[0].ParameterType) : Arguments(request));
        if (stream is not null)
        {
            sent.Add($"{method.Name}Item");
            messages[$"{method.Name}Item"] = Message(
                $"{method.Name}Item", $"An item of the client-to-server stream of {method.Name}.", schemas.Request(stream.ParameterType.GetGenericArguments()[0]));
        }

        var reply = method.ReturnType.GetGenericArguments()[0];
        messages[SchemaSet.NameOf(reply, isRequest: false)] = Message(SchemaSet.NameOf(reply, isRequest: false), "The completion's result.", schemas.Wire(reply));
        AddOperation($"{hub}.{method.Name}", hub, "send", summary, sent)["reply"] = new JsonObject
        {
            ["channel"] = Ref($"#/channels/{hub}"),
            ["messages"] = new JsonArray(Ref($"#/channels/{hub}/messages/{SchemaSet.NameOf(reply, isRequest: false)}")),
        };
    }

    // Several arguments go side by side; JSON Schema calls that a tuple.
    private static JsonObject Arguments(List<ParameterInfo> parameters)
    {
        var nullability = new NullabilityInfoContext();
        return new JsonObject
        {
            ["type"] = "array",
            ["items"] = new JsonArray([.. parameters.Select(p => (JsonNode)new JsonObject
            {
                ["title"] = p.Name,
                ["type"] = nullability.Create(p).WriteState == NullabilityState.Nullable ? new JsonArray("string", "null") : "string",
            })]),
            ["minItems"] = parameters.Count,
            ["maxItems"] = parameters.Count,
        };
    }

    private static JsonObject Message(string name, string? summary, JsonObject payload) => new()
    {
        ["name"] = name,
        ["summary"] = summary,
        ["payload"] = payload,
    };

    private JsonObject AddOperation(string name, string hub, string action, string? summary, IEnumerable<string> messages)
    {
        var operation = new JsonObject
        {
            ["action"] = action,
            ["channel"] = Ref($"#/channels/{hub}"),
            ["summary"] = summary,
            ["security"] = new JsonArray(Ref($"#/components/securitySchemes/{OperationsTransformer.Bearer}")),
            ["messages"] = new JsonArray([.. messages.Select(m => (JsonNode)Ref($"#/channels/{hub}/messages/{m}"))]),
        };
        operations[name] = operation;
        return operation;
    }

    private static JsonObject Ref(string target) => new() { ["$ref"] = target };

    private static bool IsStream(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    private static IEnumerable<MethodInfo> MethodsOf(Type contract) =>
        contract.GetInterfaces().Append(contract).SelectMany(i => i.GetMethods()).OrderBy(m => m.Name, StringComparer.Ordinal);
}
