using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RealtimeHub.Core;
using RealtimeHub.Core.Documents;
using RealtimeHub.Server.Admission;
using RealtimeHub.Server.Errors;
using RealtimeHub.Server.Identity.Development;
using RealtimeHub.Server.Identity.Tickets;

namespace RealtimeHub.Server.Identity;

/// <summary>Who may come in: token issuers, connection tickets and the callers that they make.</summary>
internal static class IdentityRegistration
{
    /// <summary>Registers authentication and authorization. Needs an <see cref="IDocumentStore"/>, for keys.</summary>
    /// <exception cref="RefusedToStartException">No issuer is configured, or one that cannot be trusted.</exception>
    public static WebApplicationBuilder AddIdentity(this WebApplicationBuilder builder)
    {
        var options = IdentityOptions.Read(builder.Configuration, builder.Environment);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<CallerFactory>();
        services.AddSingleton<ConnectionExpiry>();

        AddSchemes(services, options);
        AddTickets(services);
        services.AddAuthorization();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationAnswers>();
        return builder;
    }

    /// <summary>Adds authentication and authorization to the pipeline (CORS comes before, endpoints after), and maps <c>/auth/*</c>.</summary>
    public static WebApplication MapIdentity(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseAuthorization();

        var options = app.Services.GetRequiredService<IdentityOptions>();
        if (options.UsesDevelopmentIssuer)
        {
            IdentityLog.DevelopmentIssuerIsOn(app.Logger);
            if (options.DevIssuerAnywhere)
            {
                IdentityLog.DevelopmentIssuerAnswersAnywhere(app.Logger);
            }

            DevTokenEndpoint.Map(app);
        }

        return app;
    }

    private static void AddSchemes(IServiceCollection services, IdentityOptions options)
    {
        services.AddSingleton<Credentials>();
        var authentication = services.AddAuthentication(Schemes.Any);
        authentication.AddPolicyScheme(Schemes.Any, displayName: null, policy =>
            policy.ForwardDefaultSelector = context => context.RequestServices.GetRequiredService<Credentials>().SchemeOf(context));
        authentication.AddScheme<AuthenticationSchemeOptions, TicketHandler>(Schemes.Ticket, configureOptions: null);
        if (options.UsesDevelopmentIssuer)
        {
            TokenSchemes.AddDevelopment(authentication);
        }
        else
        {
            TokenSchemes.AddOidc(authentication, options);
        }
    }

    private static void AddTickets(IServiceCollection services)
    {
        // One name for all nodes: by default the name is the path of the program, and nodes could not read each other's tickets.
        services.AddDataProtection().SetApplicationName("RealtimeHub");
        services.AddOptions<KeyManagementOptions>()
            .Configure<IDocumentStore>((keys, documents) => keys.XmlRepository = new DocumentXmlRepository(documents));
        services.AddSingleton<ConnectionTickets>();
        services.AddSingleton<TicketConnections>();

        // The door counts who comes in.
        services.TryAddSingleton<Limits>();
        services.AddSingleton<ConnectionSlots>();
    }
}
