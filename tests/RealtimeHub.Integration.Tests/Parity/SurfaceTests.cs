using System.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Integration.Tests.Server;
using RealtimeHub.Server.Hubs;

namespace RealtimeHub.Integration.Tests.Parity;

/// <summary>What requests declare and what can be called are the same.</summary>
public sealed class SurfaceTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    // Routes that no request type stands behind.
    private static readonly string[] Others =
    [
        "GET /", "GET /api/v1/me", "POST /auth/dev-token", "* /healthz/live", "* /healthz/ready", "* /metrics",
        "GET /openapi/v1.json", "GET /asyncapi/v1.json", "GET /schemas/v1/{name}",
        "GET /docs/{documentName?}", "GET /docs/scalar.js", "GET /docs/scalar.aspnetcore.js", "GET /docs/favicon.svg",
    ];

    private IEnumerable<Offer> Offers => server.Services.GetRequiredService<UseCases>().All.SelectMany(u => u.Rules.Offers);

    [Fact]
    public void Routes_AllThatExist_AreDeclared()
    {
        var routes = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => !e.RoutePattern.RawText!.StartsWith("/hubs/", StringComparison.Ordinal))
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"])
                .Select(m => $"{m} /{e.RoutePattern.RawText!.TrimStart('/')}"));

        routes.Should().BeEquivalentTo([.. Offers.Where(o => o.Surface == Surface.Http).Select(o => o.Name), .. Others]);
    }

    [Fact]
    public void Hubs_EveryMethod_IsDeclaredAndInTheContract()
    {
        (Type Hub, Surface Surface, Type Contract)[] hubs =
        [
            (typeof(EventsHub), Surface.EventsHub, typeof(IEventsHub)), (typeof(OperatorHub), Surface.OperatorHub, typeof(IOperatorHub)),
            (typeof(AgentHub), Surface.AgentHub, typeof(IAgentHub)),
        ];
        typeof(EventsHub).Assembly.GetTypes().Where(t => t is { IsAbstract: false } && t.IsAssignableTo(typeof(Hub)))
            .Should().BeEquivalentTo(hubs.Select(h => h.Hub));

        foreach (var (hub, surface, contract) in hubs)
        {
            var methods = Callable(hub);
            methods.Should().BeEquivalentTo(Offers.Where(o => o.Surface == surface).Select(o => o.Name), hub.Name);
            methods.Should().BeEquivalentTo(contract.GetInterfaces().Append(contract).SelectMany(i => i.GetMethods()).Select(m => m.Name), hub.Name);
        }
    }

    [Fact]
    public void EventsHub_Methods_AreSubscribeAndUnsubscribe() =>
        Callable(typeof(EventsHub)).Should().BeEquivalentTo("Subscribe", "Unsubscribe");

    // As SignalR finds them: every public method that the framework's own class does not have.
    private static IEnumerable<string> Callable(Type hub) => hub.GetMethods(BindingFlags.Public | BindingFlags.Instance)
        .Where(m => m.GetBaseDefinition().DeclaringType is var owner && owner != typeof(object) && owner!.Assembly == typeof(EventsHub).Assembly)
        .Select(m => m.Name);
}
