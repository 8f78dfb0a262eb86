using System.Reflection;

namespace RealtimeHub.EndToEnd.Tests.Harness;

/// <summary>Where the build left what the tests start.</summary>
internal static class Built
{
    public static string Server { get; } = Path("Server");

    public static string DemoAgent { get; } = Path("DemoAgent");

    /// <summary>The dashboard's folder; it is the one thing here that MSBuild does not build.</summary>
    public static string Dashboard
    {
        get
        {
            var folder = Path("Dashboard");
            return File.Exists(System.IO.Path.Combine(folder, "index.html"))
                ? folder
                : throw new InvalidOperationException($"The dashboard is not built ({folder}): ./build.sh test EndToEnd builds it, with npm.");
        }
    }

    private static string Path(string name) => System.IO.Path.GetFullPath(
        typeof(Built).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == name).Value!);
}
