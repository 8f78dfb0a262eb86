namespace RealtimeHub.Server;

/// <summary>Where the server listens when nobody says.</summary>
internal static class DefaultAddress
{
    /// <summary>The address of the documentation; loopback alone, so that a first try is nobody else's business.</summary>
    public const string Url = "http://localhost:5080";

    /// <summary>Listens on <see cref="Url"/> unless ASPNETCORE_URLS, its kin or a Kestrel section say otherwise.</summary>
    public static void UseDefaultAddress(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        string?[] given = [configuration["urls"], configuration["http_ports"], configuration["https_ports"]];
        if (given.All(string.IsNullOrEmpty) && !configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(Url);
        }
    }
}
