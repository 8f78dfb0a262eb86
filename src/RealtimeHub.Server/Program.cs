using RealtimeHub.Server;

try
{
    // Settings stand beside the program, wherever it is started from.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.UseDefaultAddress();
    builder.AddRealtimeHub();

    var app = builder.Build();
    app.MapRealtimeHub();
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (StartFailures.Explain(e) is { } explanation)
{
    await Console.Error.WriteLineAsync(explanation);
    return 1;
}
