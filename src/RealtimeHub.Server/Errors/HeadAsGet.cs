namespace RealtimeHub.Server.Errors;

/// <summary>HEAD on whatever can be got (RFC 9110, 9.1): the same answer, of which the server then sends no body.</summary>
/// <remarks>It comes before routing, which knows the routes by GET alone; hubs speak for themselves.</remarks>
internal sealed class HeadAsGet : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            if (HttpMethods.IsHead(context.Request.Method) && !context.Request.Path.StartsWithSegments("/hubs", StringComparison.Ordinal))
            {
                context.Request.Method = HttpMethods.Get;
            }

            return following(context);
        });
        next(app);
    };
}
