using Microsoft.Extensions.FileProviders;

namespace RealtimeHub.Server.Dashboard;

/// <summary>Serves the dashboard at <c>/</c>, if somebody has built it.</summary>
internal static class DashboardFiles
{
    private const string BuiltBy = "./build.sh run, or npm ci && npm run build in src/realtimehub-client and then in samples/Dashboard";

    /// <summary>The dashboard's files; without them, a line that says how to get them.</summary>
    public static void MapDashboard(this WebApplication app)
    {
        if (Find(app.Configuration["Dashboard:Path"]) is not { } folder)
        {
            DashboardLog.NotBuilt(app.Logger, BuiltBy);
            app.MapGet("/", () => Results.Text($"RealtimeHub is running. Its dashboard is not built: it takes npm and {BuiltBy}.\n"))
                .ExcludeFromDescription();
            return;
        }

        var files = new PhysicalFileProvider(folder);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            OnPrepareResponse = file =>
            {
                var headers = file.Context.Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                headers.ContentSecurityPolicy =
                    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'";

                // File names in assets/ change with their content; the page that names them does not.
                headers.CacheControl = file.File.Name == "index.html" ? "no-cache" : "public, max-age=31536000, immutable";
            },
        });
    }

    // A published server brings the files beside it; in a checkout they are where the build leaves them.
    private static string? Find(string? configured)
    {
        if (configured is not null)
        {
            return HasPage(configured) ? Path.GetFullPath(configured) : null;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (var candidate in new[] { Path.Combine(folder.FullName, "dashboard"), Path.Combine(folder.FullName, "samples", "Dashboard", "dist") })
            {
                if (HasPage(candidate))
                {
                    return candidate;
                }
            }
        }

        return null;
    }

    private static bool HasPage(string folder) => File.Exists(Path.Combine(folder, "index.html"));
}

internal static partial class DashboardLog
{
    [LoggerMessage(1, LogLevel.Information, "The dashboard is not built, so / shows only that the server runs. It takes npm and {BuiltBy}.")]
    public static partial void NotBuilt(ILogger logger, string builtBy);
}
