using NATS.Client.JetStream.Models;
using RealtimeHub.Nats.Tests.Server;
using RealtimeHub.TestServers;

namespace RealtimeHub.Nats.Tests;

/// <summary>A stream or a bucket that somebody else made, or changed.</summary>
public sealed class ConfigurationTests(SharedNats nats) : IAsyncLifetime
{
    private readonly Deployment deployment = new(nats.Url);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await deployment.Backbone.PrepareAsync(Token);

    public ValueTask DisposeAsync() => deployment.DisposeAsync();

    [Theory]
    [InlineData("limits")]
    [InlineData("max_msgs_per_subject")]
    [InlineData("deny_delete")]
    public async Task Bucket_ThatIsAnother_IsRefusedWithTheReason(string reason)
    {
        await ChangeAsync(deployment.Backbone.Subjects.BucketStream, config =>
        {
            config.MaxAge = reason == "limits" ? TimeSpan.FromDays(1) : config.MaxAge;
            config.MaxMsgsPerSubject = reason == "max_msgs_per_subject" ? 5 : config.MaxMsgsPerSubject;
            config.DenyDelete = reason == "deny_delete";
        });

        await RefusedAsync(reason);
    }

    [Theory]
    [InlineData("limits")]
    [InlineData("deny_delete")]
    public async Task Stream_ThatIsAnother_IsRefusedWithTheReason(string reason)
    {
        await ChangeAsync(deployment.Backbone.Subjects.Stream, config =>
        {
            config.MaxAge = reason == "limits" ? TimeSpan.FromDays(1) : config.MaxAge;
            config.DenyDelete = reason == "deny_delete";
        });

        await RefusedAsync(reason);
    }

    private async Task ChangeAsync(string stream, Action<StreamConfig> change)
    {
        var config = (await deployment.Backbone.JetStream.GetStreamAsync(stream, cancellationToken: Token)).Info.Config;
        change(config);
        await deployment.Backbone.JetStream.DeleteStreamAsync(stream, Token);
        await deployment.Backbone.JetStream.CreateStreamAsync(config, Token);
    }

    private async Task RefusedAsync(string reason)
    {
        await deployment.OpenAgainAsync();
        (await FluentActions.Awaiting(() => deployment.Backbone.PrepareAsync(Token).AsTask()).Should().ThrowAsync<InvalidOperationException>())
            .WithMessage($"*{reason}*");
    }
}
