using RealtimeHub.Core.Log;
using RealtimeHub.Sqlite.Log;

namespace RealtimeHub.Integration.Tests.Sqlite;

/// <summary>Every read goes along an index and sorts nothing, so that its cost follows what it answers and not what the log holds.</summary>
public sealed class SqliteQueryPlanTests : IAsyncDisposable
{
    private readonly SqliteFolder folder = new();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Theory]
    [InlineData(LaneFilter.State, false)]
    [InlineData(LaneFilter.State, true)]
    [InlineData(LaneFilter.Both, false)]
    [InlineData(LaneFilter.Both, true)]
    public void Read_AnyRange_WalksTheLanesIndex(LaneFilter lanes, bool descending)
    {
        var steps = Plan(EventReader.For(lanes, descending));

        steps.Count(s => s.Contains("events USING INDEX events_by_lane (topic=? AND lane=? AND rowid>? AND rowid<?)", StringComparison.Ordinal))
            .Should().Be(lanes == LaneFilter.Both ? 2 : 1);
    }

    [Fact]
    public void Find_AnId_LooksItUp() =>
        Plan(EventReader.ById).Should().Contain(s => s.Contains("events USING INDEX events_by_id (topic=? AND id=?)", StringComparison.Ordinal));

    [Fact]
    public void Tail_APage_WalksTheTableByItsKey() =>
        Plan(EventReader.Page)[0].Should().Contain("e USING INTEGER PRIMARY KEY (rowid>?)");

    [Fact]
    public void FindSequence_AStep_LooksAtTheTableByItsKey() =>
        Plan(EventReader.At)[0].Should().Be("SEARCH events USING INTEGER PRIMARY KEY (rowid>?)");

    [Fact]
    public void Purge_LookingAndRemoving_GoByTheTablesKey() =>
        Plan(StreamLanePurge.Window).Concat(Plan(PurgeOperation.Delete)).Should().Equal(
            "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", "SEARCH events USING INTEGER PRIMARY KEY (rowid=?)");

    [Fact]
    public void RemoveTopic_AStep_WalksTheTopicsLanes()
    {
        Plan(RemoveTopicOperation.Oldest).Count(s => s.Contains("events USING COVERING INDEX events_by_lane (topic=? AND lane=? AND rowid<?)", StringComparison.Ordinal))
            .Should().Be(2);
        Plan(RemoveTopicOperation.Delete).Should().Equal("SEARCH events USING INTEGER PRIMARY KEY (rowid=?)");
    }

    private List<string> Plan(string sql)
    {
        _ = folder.Database;
        using var connection = folder.Connect();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the product's own statements
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
#pragma warning restore CA2100
        for (var i = 1; i <= 5; i++)
        {
            command.Parameters.AddWithValue($"${i}", 1);
        }

        using var rows = command.ExecuteReader();
        var steps = new List<string>();
        while (rows.Read())
        {
            steps.Add(rows.GetString(3));
        }

        steps.Should().NotContain(s => s.StartsWith("SCAN", StringComparison.Ordinal) || s.Contains("TEMP B-TREE", StringComparison.Ordinal));
        return steps;
    }
}
