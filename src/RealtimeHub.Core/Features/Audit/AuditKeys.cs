using System.Globalization;

namespace RealtimeHub.Core.Features.Audit;

/// <summary>Where audit records are kept: documents of some records each, by hour, so that the oldest go together and the newest are found first.</summary>
internal static class AuditKeys
{
    /// <summary>A document holds at most so many records: some 400 bytes each.</summary>
    public const int RecordsPerDocument = 500;

    /// <summary>How far <see cref="AuditRetention"/> came.</summary>
    public const string RemovedTo = "audit-removed";

    /// <summary>The hour that a time is in.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    /// <summary>Every tenant's records of an hour.</summary>
    public static string Hour(DateTimeOffset hour) => $"audit.{hour.ToString("yyyyMMddHH", CultureInfo.InvariantCulture)}.";

    /// <summary>A tenant's records of an hour.</summary>
    public static string Hour(DateTimeOffset hour, string tenant) => $"{Hour(hour)}{tenant}.";

    /// <summary>What was denied or failed.</summary>
    public static string Failures(DateTimeOffset hour, string tenant, string id) => $"{Hour(hour, tenant)}failed-{id}";

    /// <summary>What succeeded, from an event on: doing it again after a crash overwrites what it begins like.</summary>
    public static string Successes(DateTimeOffset hour, string tenant, long sequence) =>
        $"{Hour(hour, tenant)}done-{sequence.ToString("D16", CultureInfo.InvariantCulture)}";
}
