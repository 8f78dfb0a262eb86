using FluentValidation;
using RealtimeHub.Contracts;
using RealtimeHub.Core.Delivery;
using RealtimeHub.Core.Features.Audit;
using RealtimeHub.Core.Pipeline;
using RealtimeHub.Core.Telemetry;

namespace RealtimeHub.Core.Features.Status;

// There is nothing to be wrong with.
internal sealed class GetStatusValidator : AbstractValidator<GetStatus>;

/// <summary>How the node is; to admins also what it does. Says nothing of any tenant.</summary>
internal sealed class GetStatusHandler(
    NodeIdentity node, NodeSampler sampler, IDeliveryLoad delivery, IBackplane backplane, NodeCounters counters, TimeProvider time) : UseCase<GetStatus, NodeStatus>
{
    public override RequestRules Rules { get; } = new()
    {
        Scope = null, // everybody with a token
        Offers = [Offer.Http("GET /api/v1/status")],
    };

    public override async Task<Reply<NodeStatus>> Handle(Call<GetStatus, NodeStatus> call, CancellationToken cancellationToken)
    {
        var uptime = (long)(time.GetUtcNow() - node.StartedAt).TotalSeconds;
        var log = await sampler.IsLogAnsweringAsync(cancellationToken) ? PartStatus.Ok : PartStatus.Unavailable;
        var tail = !delivery.IsFollowing ? PartStatus.Unavailable : sampler.IsTailBehind ? PartStatus.Behind : PartStatus.Ok;
        var projector = sampler.IsProjectorBehind ? PartStatus.Behind : PartStatus.Ok;
        return Reply<NodeStatus>.Success(new NodeStatus(
            node.Version, node.Name, uptime, log, tail, projector, backplane.Status, call.Caller.IsAdmin ? Details() : null));
    }

    private NodeDetails Details()
    {
        var (load, rates) = (delivery.CountConnections(), sampler.Rates());
        var hubs = load.ByHub.ToDictionary(h => AuditDocuments.NameOf(h.Key), h => h.Value, StringComparer.Ordinal);
        return new NodeDetails(
            new ConnectionCounts(load.Idle + load.Writing + load.Busy, load.Idle, load.Writing, load.Busy, hubs),
            load.Subscriptions, delivery.Feeds, sampler.LogHead, sampler.TailLag, sampler.ProjectorLag,
            Math.Round(rates.Requests, 2), Math.Round(rates.Events, 2), Math.Round(rates.Deliveries, 2), counters.AuditRecordsDropped);
    }
}
