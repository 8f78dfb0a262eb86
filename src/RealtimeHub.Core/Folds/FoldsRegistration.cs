using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Log;

namespace RealtimeHub.Core.Folds;

/// <summary>Puts the folds together.</summary>
public static class FoldsRegistration
{
    /// <summary>The node's folds and their checkpoints.</summary>
    public static IServiceCollection AddFolds(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TopicFoldsOptions>();
        services.TryAddSingleton<Limits>();
        services.TryAddSingleton<CursorCheck>();
        services.AddSingleton<FoldCheckpoints>();
        services.AddSingleton<TopicFolds>();
        services.AddSingleton<ITailObserver>(s => s.GetRequiredService<TopicFolds>());
        return services.AddSingleton<ITopicFolds>(s => s.GetRequiredService<TopicFolds>());
    }
}
