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

    private readonly Process process;
    private readonly Task<string> errors;

    private JavaScriptClient(Process process)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static string Folder => typeof(JavaScriptClient).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "StockJavaScriptClient").Value!;

    public static async Task<JavaScriptClient> StartAsync(params string[] arguments)
    {
        if (!File.Exists(Path.Combine(Folder, "node_modules", "@microsoft", "signalr", "package.json")))
        {
            using var install = Run("npm", "ci", "--no-audit", "--no-fund");
            var said = install.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await install.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(InstallDeadline, TestContext.Current.CancellationToken);
            await install.WaitForExitAsync(TestContext.Current.CancellationToken);
            install.ExitCode.Should().Be(0, "npm ci installs the stock JavaScript client, but said: {0}", await said);
        }

        return new JavaScriptClient(Run("node", ["client.mjs", .. arguments]));
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
