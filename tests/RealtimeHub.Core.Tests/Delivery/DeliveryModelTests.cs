namespace RealtimeHub.Core.Tests.Delivery;

/// <summary>Whatever happens, each client's history is the log's.</summary>
public sealed class DeliveryModelTests
{
    private const int Steps = 300;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task AnySteps_EverybodyDrained_HistoriesAreTheLogs(int seed)
    {
        if (await FailureOf(seed, Steps) is not { } failure)
        {
            return;
        }

        // Which thread is first is not the seed's to say: a shorter way to the failure is looked for, and need not be found.
        var steps = Steps;
        for (var shorter = Steps / 2; shorter > 5 && !failure.Contains(nameof(TimeoutException), StringComparison.Ordinal); shorter /= 2)
        {
            if (await FailureOf(seed, steps - shorter) is { } earlier)
            {
                (steps, failure) = (steps - shorter, earlier);
            }
        }

        Assert.Fail($"Seed {seed}, {steps} steps: {failure}");
    }

    private static async Task<string?> FailureOf(int seed, int steps)
    {
        var random = new Random(seed);
        await using var node = await DeliveryNode.StartAsync(o => DeliveryModel.Tune(o, random));
        var model = new DeliveryModel(node, random);
        try
        {
            await model.StartAsync();
            for (var i = 0; i < steps; i++)
            {
                await model.StepAsync();
            }

            await model.DrainAsync();
            new History(node.Log.Events, node.Log.Epoch, model.Conversations, model.Subscriptions).Check();
            node.Errors.Should().BeEmpty();
            model.Subscriptions.Should().OnlyContain(s => s.Client.Connection.MostPending <= 1, "nothing is queued for a client that stalls");
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return e.ToString();
        }
    }
}
