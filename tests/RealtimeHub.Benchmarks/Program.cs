using RealtimeHub.Benchmarks.Sqlite;

switch (args)
{
    case ["sqlite", .. var rest]:
        return await SqliteBenchmark.RunAsync(rest);
    default:
        await Console.Error.WriteLineAsync("Usage: RealtimeHub.Benchmarks sqlite [--events N] [--path FOLDER]");
        return 2;
}
