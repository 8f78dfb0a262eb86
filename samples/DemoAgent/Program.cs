using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealtimeHub.DemoAgent.Hosting;
using RealtimeHub.DemoAgent.Models;

var builder = Host.CreateApplicationBuilder(args);

builder.Configuration.AddCommandLine(args, new Dictionary<string, string>
{
    ["--server"] = "DocsGuide:Server",
    ["--folder"] = "DocsGuide:Folder",
    ["--tokens-per-second"] = "DocsGuide:TokensPerSecond",
    ["--max-runs"] = "DocsGuide:MaxRuns",
    ["--tenant"] = "DocsGuide:Tenant",
});

builder.Logging.ClearProviders();
builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

builder.Services.Configure<DocsGuideOptions>(builder.Configuration.GetSection("DocsGuide"));
builder.Services.Configure<ModelOptions>(builder.Configuration.GetSection("OpenAI"));
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddHostedService<DocsGuide>();

await builder.Build().RunAsync();
