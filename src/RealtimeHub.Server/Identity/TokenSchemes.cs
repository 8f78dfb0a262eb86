using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using RealtimeHub.Server.Identity.Development;

namespace RealtimeHub.Server.Identity;

/// <summary>The schemes that validate access tokens. Each brings its <see cref="TokenIssuer"/>, by which tokens find it.</summary>
internal static class TokenSchemes
{
    // How far an issuer's clock may be ahead of ours. The end of a token is exact: connections are ended by it.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>Tokens of the built-in issuer.</summary>
    public static void AddDevelopment(AuthenticationBuilder authentication)
    {
        authentication.Services
            .AddSingleton<DevelopmentKey>()
            .AddSingleton<DevelopmentIssuer>()
            .AddSingleton(new TokenIssuer(Schemes.Development, issuer => issuer == DevelopmentIssuer.Name))
            .AddOptions<JwtBearerOptions>(Schemes.Development)
            .Configure<DevelopmentKey>((options, key) => options.ConfigurationManager = key);
        authentication.AddJwtBearer(Schemes.Development, options =>
        {
            options.Audience = DevelopmentIssuer.Audience;
            options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256];
        });
        AddRules(authentication.Services, Schemes.Development);
    }

    /// <summary>Tokens of a configured OIDC issuer; also where tokens of unknown issuers are refused.</summary>
    public static void AddOidc(AuthenticationBuilder authentication, IdentityOptions identity)
    {
        authentication.Services.AddSingleton(new TokenIssuer(Schemes.Oidc, _ => true));
        authentication.AddJwtBearer(Schemes.Oidc, options =>
        {
            options.Authority = identity.Authority;
            options.Audience = identity.Audience;
            options.RequireHttpsMetadata = identity.Authority!.StartsWith(Uri.UriSchemeHttps + ":", StringComparison.OrdinalIgnoreCase);
        });
        AddRules(authentication.Services, Schemes.Oidc);
    }

    /// <summary>What holds for every issuer: claims keep their names, times are those of the server's clock, and a token must make somebody a caller.</summary>
    private static void AddRules(IServiceCollection services, string scheme) => services
        .AddOptions<JwtBearerOptions>(scheme)
        .Configure<CallerFactory, TimeProvider>((options, callers, time) =>
        {
            options.MapInboundClaims = false;
            options.SaveToken = false;
            options.TokenValidationParameters.NameClaimType = CallerClaims.Subject;
            options.TokenValidationParameters.RoleClaimType = CallerClaims.Roles;
            options.TokenValidationParameters.LifetimeValidator = (notBefore, expires, _, _) => IsCurrent(notBefore, expires, time.GetUtcNow().UtcDateTime);
            options.Events = new JwtBearerEvents
            {
                OnTokenValidated = context =>
                {
                    if (callers.TryAccept(context.Principal!, out var reason) is { } principal)
                    {
                        context.Principal = principal;
                    }
                    else
                    {
                        context.Fail(reason!);
                    }

                    return Task.CompletedTask;
                },
            };
        });

    private static bool IsCurrent(DateTime? notBefore, DateTime? expires, DateTime now)
    {
        if (expires <= now)
        {
            throw new SecurityTokenExpiredException();
        }

        return expires is not null && (notBefore is null || notBefore <= now + ClockSkew);
    }
}
