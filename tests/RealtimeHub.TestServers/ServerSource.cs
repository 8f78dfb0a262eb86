using DotNet.Testcontainers.Builders;

namespace RealtimeHub.TestServers;

/// <summary>Where a server of a test's own comes from.</summary>
public enum ServerSource
{
    /// <summary>A container, through Testcontainers.</summary>
    Docker,

    /// <summary>The program on the PATH.</summary>
    Binary,
}

/// <summary>Decides where servers come from: Docker when an engine answers, else the PATH, else nowhere, which is an error.</summary>
public static class ServerSources
{
    /// <summary>The environment variable that asks for one of them: <c>docker</c> or <c>binaries</c>.</summary>
    public const string Variable = "REALTIMEHUB_TEST_SERVERS";

    private static readonly Lazy<bool> DockerAnswers = new(AsksDocker);

    /// <summary>Where this run has the program from.</summary>
    /// <exception cref="InvalidOperationException">Nowhere; the message says what to install.</exception>
    public static ServerSource Of(ServerProgram program) =>
        Choose(program, Environment.GetEnvironmentVariable(Variable), () => DockerAnswers.Value, () => IsOnPath(program.ChosenProgram));

    /// <summary>The decision itself.</summary>
    /// <param name="program">What is needed.</param>
    /// <param name="wish">What was asked for; null or empty: whatever is there.</param>
    /// <param name="dockerAnswers">Whether there is a Docker engine.</param>
    /// <param name="isOnPath">Whether the program is on the PATH.</param>
    /// <exception cref="InvalidOperationException">What is needed, or what was asked for, is not there.</exception>
    public static ServerSource Choose(ServerProgram program, string? wish, Func<bool> dockerAnswers, Func<bool> isOnPath) => wish switch
    {
        null or "" when dockerAnswers() => ServerSource.Docker,
        null or "" when isOnPath() => ServerSource.Binary,
        null or "" => throw new InvalidOperationException(
            $"The tests need {program.Product}: start a Docker engine, put {program.Name} on the PATH (Debian: apt install {program.Name}), or name a server that they share in {program.AddressVariable}."),
        "docker" when dockerAnswers() => ServerSource.Docker,
        "docker" => throw new InvalidOperationException($"{Variable} asks for Docker, and no engine answers."),
        "binaries" when isOnPath() => ServerSource.Binary,
        "binaries" => throw new InvalidOperationException($"{Variable} asks for binaries, and {program.Name} is not on the PATH (Debian: apt install {program.Name})."),
        _ => throw new InvalidOperationException($"{Variable} is '{wish}'; it may be 'docker' or 'binaries'."),
    };

    private static bool AsksDocker()
    {
        try
        {
            _ = new ContainerBuilder(ServerProgram.Nats.Image).Build(); // looks for the engine, and makes nothing yet
            return true;
        }
        catch (DockerUnavailableException)
        {
            return false;
        }
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
