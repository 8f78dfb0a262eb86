using RealtimeHub.Server;
using RealtimeHub.Server.Dashboard;
using RealtimeHub.Server.Identity;

try
{
    // Settings stand beside the program, wherever it is started from.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.UseDefaultAddress();
    builder.AddStorage();
    builder.AddIdentity();
    builder.AddCore();
    builder.AddHubs();
    builder.AddHttpApi();

    var app = builder.Build();
    app.UseProblems();
    app.MapDashboard();
    app.MapIdentity();
    app.MapHubs();
    app.MapHttpApi();
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (StartFailures.Explain(e) is { } explanation)
{
    await Console.Error.WriteLineAsync(explanation);
    return 1;
}
