using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Server.Errors;
using RealtimeHub.Specification;

namespace RealtimeHub.Integration.Tests.Server;

/// <summary>The real server on a free port of this machine, with a folder of its own; it can be stopped and started on the same folder.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private Factory? factory;
    private int tenants;

    public string Folder { get; } = Directory.CreateTempSubdirectory("realtimehub-").FullName;

    /// <summary>What was denied or failed.</summary>
    public RecordingAuditTrail Audit { get; } = new();

    /// <summary>What the server logged as an error.</summary>
    public ErrorLog Errors { get; } = new();

    /// <summary>What is different about this server; runs last.</summary>
    public Action<IWebHostBuilder>? Configure { get; init; }

    public Uri Address { get; private set; } = null!;

    public IServiceProvider Services => factory!.Services;

    public async ValueTask InitializeAsync() => await StartAsync();

    public Task StartAsync()
    {
        factory = new Factory(this);
        factory.UseKestrel(0);
        factory.StartServer();
        var addresses = factory.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Address = new Uri(addresses.Addresses.First().Replace("[::]", "127.0.0.1", StringComparison.Ordinal));
        return Task.CompletedTask;
    }

    /// <summary>Stops the server as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        if (factory is not null)
        {
            await Deadline.Within(factory.DisposeAsync().AsTask());
            factory = null;
        }
    }

    /// <summary>A tenant that nobody else uses.</summary>
    public string NewTenant() => $"tenant-{Interlocked.Increment(ref tenants)}";

    /// <summary>A call without a token.</summary>
    public Api Anonymous() => new(Address, token: null);

    /// <summary>Somebody with a token of the development issuer.</summary>
    public Task<Person> SignInAsync(
        string tenant, string user, string[]? scopes = null, string[]? roles = null, string[]? agents = null, int? seconds = null) =>
        Person.SignInAsync(Address, tenant, user, scopes ?? Person.EveryScope, roles, agents, seconds);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    // Any type of the server names its assembly; its Program has a namesake in the crash writer.
    private sealed class Factory(ServerFixture fixture) : WebApplicationFactory<RefusedToStartException>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            builder.UseSetting("Storage:Path", Path.Combine(fixture.Folder, "data"));
            builder.UseSetting("Dashboard:Path", Path.Combine(fixture.Folder, "no-dashboard"));
            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(fixture.Errors));
            builder.ConfigureTestServices(services => services.AddSingleton<IAuditTrail>(fixture.Audit));
            fixture.Configure?.Invoke(builder);
        }
    }
}
