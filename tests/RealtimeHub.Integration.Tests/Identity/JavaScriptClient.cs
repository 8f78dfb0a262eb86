using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;

namespace RealtimeHub.Integration.Tests.Identity;

/// <summary>The stock JavaScript client in Node, told what to do line by line.</summary>
internal sealed class JavaScriptClient : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    // The first run fetches packages.
    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(3);

    private static readonly string[] Packages = ["@microsoft/signalr", "@asyncapi/specs", "ajv", "ajv-formats"];

    // Once for all tests that run side by side.
    private static readonly Lazy<Task> Installed = new(InstallAsync);

    private readonly Process process;
    private readonly Task<string> errors;

    private JavaScriptClient(Process process)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static string Folder => typeof(JavaScriptClient).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "StockJavaScriptClient").Value!;

    /// <summary>The stock client.</summary>
    public static Task<JavaScriptClient> StartAsync(params string[] arguments) => StartScriptAsync("client.mjs", arguments);

    /// <summary>Another script of the folder, with the same packages.</summary>
    public static async Task<JavaScriptClient> StartScriptAsync(string script, params string[] arguments)
    {
        await Installed.Value;
        return new JavaScriptClient(Run("node", [script, .. arguments]));
    }

    private static async Task InstallAsync()
    {
        if (Packages.All(p => File.Exists(Path.Combine(Folder, "node_modules", p, "package.json"))))
        {
            return;
        }

        using var install = Run("npm", "ci", "--no-audit", "--no-fund");
        var said = install.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await install.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(InstallDeadline, TestContext.Current.CancellationToken);
        await install.WaitForExitAsync(TestContext.Current.CancellationToken);
        install.ExitCode.Should().Be(0, "npm ci installs what the scripts need, but said: {0}", await said);
    }

    /// <summary>Sends a command, if any, and waits for the line that the script answers with.</summary>
    public async Task<string> AnswerAsync(string? command = null)
    {
        if (command is not null)
        {
            await process.StandardInput.WriteLineAsync(command.AsMemory(), TestContext.Current.CancellationToken);
        }

        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Deadline, TestContext.Current.CancellationToken);
        return line ?? throw new InvalidOperationException($"The script ended: {await errors}");
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    private static Process Run(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = Folder,
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception failure)
        {
            throw new InvalidOperationException($"This test needs Node.js 20 or later: '{program}' was not found on the PATH.", failure);
        }
    }
}
