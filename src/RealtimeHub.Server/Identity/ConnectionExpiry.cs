using RealtimeHub.Contracts;

namespace RealtimeHub.Server.Identity;

/// <summary>How a connection is told that it is about to be ended.</summary>
internal interface IClosingSender
{
    /// <summary>Sends <c>Closing</c>, best effort. It must not wait for a client that takes nothing.</summary>
    ValueTask SendClosingAsync(ClosingMessage message);
}

/// <summary>Tells connections shortly before their token ends; the end itself is SignalR's (<c>CloseOnAuthenticationExpiration</c>).</summary>
internal sealed class ConnectionExpiry(TimeProvider time, ILogger<ConnectionExpiry> logger)
{
    /// <summary>How long before the token's end <c>Closing</c> goes out: enough for a client to fetch a new token.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromSeconds(2);

    // Timers reach 49 days; a token may be valid for longer, so a long wait is made of several.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private static readonly ClosingMessage TokenExpired =
        new(ClosingCode.TokenExpired, "The token that this connection was opened with ends.", Reconnect: true, AfterMs: 0);

    /// <summary>Sends <c>Closing(token_expired)</c> once, <see cref="Notice"/> before <paramref name="expiresAt"/>, or now if that has passed.</summary>
    /// <returns>Dispose when the connection ended: nothing is sent after that.</returns>
    public Watched Watch(DateTimeOffset expiresAt, IClosingSender sender) => new Watched(time, logger, expiresAt, sender);

    /// <summary>A connection that is watched, until it is disposed of.</summary>
    internal sealed class Watched : IDisposable
    {
        private readonly TimeProvider time;
        private readonly ILogger logger;
        private readonly DateTimeOffset expiresAt;
        private readonly IClosingSender sender;
        private readonly ITimer timer;

        public Watched(TimeProvider time, ILogger logger, DateTimeOffset expiresAt, IClosingSender sender)
        {
            this.time = time;
            this.logger = logger;
            this.expiresAt = expiresAt;
            this.sender = sender;

            // Armed only when the field is set: a timer that is due at once must find itself.
            timer = time.CreateTimer(static s => ((Watched)s!).OnTick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Arm(Wait);
        }

        private TimeSpan Wait => expiresAt - Notice - time.GetUtcNow();

        public void Dispose() => timer.Dispose();

        private void Arm(TimeSpan wait) =>
            timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait, Timeout.InfiniteTimeSpan);

        private void OnTick()
        {
            var wait = Wait;
            if (wait > TimeSpan.Zero)
            {
                Arm(wait);
            }
            else
            {
                _ = SendAsync();
            }
        }

        private async Task SendAsync()
        {
            try
            {
                await sender.SendClosingAsync(TokenExpired);
            }
            catch (Exception failure)
            {
                // The connection ends anyway; a client that did not hear why asks for a new token all the same.
                IdentityLog.ClosingNotSent(logger, failure);
            }
        }
    }
}
