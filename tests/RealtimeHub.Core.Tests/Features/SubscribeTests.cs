using Microsoft.Extensions.DependencyInjection;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Tests.Node;

namespace RealtimeHub.Core.Tests.Features;

/// <summary>A subscription is answered for each topic, and audited for each that was denied.</summary>
public sealed class SubscribeTests
{
    [Fact]
    public async Task Subscribe_DeniedTopics_AreEachAudited()
    {
        var subscriptions = new Answering(
            new("conversation:a", SubscribeStatus.Ok), new("conversation:b", SubscribeStatus.NotFound), new("tenant:acme", SubscribeStatus.Forbidden),
            new("conversation:c", SubscribeStatus.Limit), new("conversation:d", SubscribeStatus.Resumed), new("conversation:e", SubscribeStatus.Reset));
        await using var node = new CoreNode(configure: services => services.AddSingleton<ISubscriptions>(subscriptions));
        var request = new Subscribe { Subscriptions = [new() { Topic = "conversation:a", From = SubscribeFrom.Latest }] };

        var reply = await node.SendAsync<Subscribe, SubscribeResult>(Callers.Eve with { Surface = Surface.EventsHub }, request);

        reply.Ok.Should().BeTrue();
        node.Audit.Records.Select(r => (r.Topic, r.Outcome)).Should().Equal(
            ("conversation:b", ErrorCode.NotFound), ("tenant:acme", ErrorCode.Forbidden), ("conversation:c", ErrorCode.TooLarge));
        node.Audit.Records.Should().OnlyContain(r =>
            r.Request == nameof(Subscribe) && r.Actor == Subject.User("eve") && r.Tenant == Callers.Tenant && r.Surface == Surface.EventsHub);
    }

    private sealed class Answering(params SubscriptionOutcome[] outcomes) : ISubscriptions
    {
        public ValueTask<IReadOnlyList<SubscriptionOutcome>> SubscribeAsync(
            Caller caller, IReadOnlyList<SubscriptionRequest> requests, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<SubscriptionOutcome>>(outcomes);

        public ValueTask UnsubscribeAsync(Caller caller, IReadOnlyList<Topic> topics, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
