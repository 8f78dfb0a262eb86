using RealtimeHub.Contracts;
using RealtimeHub.Core.Pipeline;

namespace RealtimeHub.Server.Hubs;

/// <summary>For observers. Read-only: it has nothing but what every hub has.</summary>
internal sealed class EventsHub(HubAdapter adapter) : TopicHub<IEventsClient>(adapter, Surface.EventsHub);
