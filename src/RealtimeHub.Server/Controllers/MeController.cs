using Microsoft.AspNetCore.Mvc;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Errors;
using RealtimeHub.Server.Identity;

namespace RealtimeHub.Server.Controllers;

/// <summary>Who the caller is, and what it may.</summary>
[Route("api/v1/me")]
internal sealed class MeController : ControllerBase
{
    [HttpGet(Name = "GetMe")]
    [EndpointSummary("Who the caller is, and what it may do.")]
    [Tags("Identity")]
    [ProducesResponseType<CallerView>(StatusCodes.Status200OK)]
    public IResult Get()
    {
        if (Request.Query.FirstOrDefault().Key is { } parameter)
        {
            return Problems.Result(Error.Invalid(parameter, "is not known"));
        }

        var caller = CallerFactory.Create(User, Surface.Http);
        return Results.Json(
            new CallerView(
                caller.Tenant, caller.Subject, Sorted(caller.Scopes), Sorted(caller.Roles), Sorted(caller.Agents), caller.ExpiresAt),
            ContractsJson.WireType<CallerView>());
    }

    private static string[] Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];
}
