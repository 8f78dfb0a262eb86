using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Controllers;

namespace RealtimeHub.Server.Controllers;

/// <summary>Finds controllers that are not public: nobody outside the server has a use for them.</summary>
internal sealed class InternalControllers : ControllerFeatureProvider
{
    protected override bool IsController(TypeInfo typeInfo) =>
        typeInfo is { IsClass: true, IsAbstract: false } && typeInfo.IsAssignableTo(typeof(ControllerBase)) && typeInfo.Assembly == typeof(InternalControllers).Assembly;
}
