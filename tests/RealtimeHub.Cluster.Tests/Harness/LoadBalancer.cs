using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using RealtimeHub.Specification;

namespace RealtimeHub.Cluster.Tests.Harness;

/// <summary>nginx before two servers, with the configuration of <c>samples/LoadBalancer</c>.</summary>
internal sealed class LoadBalancer : IAsyncDisposable
{
    private static readonly string Sample = Path.GetFullPath(
        typeof(LoadBalancer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "LoadBalancer").Value!);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("realtimehub-nginx-");
    private readonly StringBuilder said = new();
    private readonly Lock gate = new();
    private Process? process;

    public Uri Address { get; } = new($"http://127.0.0.1:{LoopbackPort.Free()}");

    /// <summary>What it has logged.</summary>
    public string Output
    {
        get
        {
            lock (gate)
            {
                return said.ToString();
            }
        }
    }

    /// <summary>Where clients find the servers, one by one.</summary>
    public string PublicUrl(int node) => $"{Address}node-{"ab"[node]}";

    /// <summary>Starts it, and waits until it listens.</summary>
    public async Task StartAsync(IReadOnlyList<ServerNode> nodes)
    {
        var configuration = Path.Combine(folder.FullName, "nginx.conf");
        var sample = await File.ReadAllTextAsync(Sample, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(configuration, Configure(sample, nodes), TestContext.Current.CancellationToken);
        var user = Environment.IsPrivilegedProcess ? "user root; " : ""; // its workers must find the folder
        var start = new ProcessStartInfo("nginx", ["-p", folder.FullName, "-c", configuration, "-g", $"{user}daemon off; pid {folder.FullName}/nginx.pid;"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("The tests need nginx: put it on the PATH (Debian: apt install nginx-light).", e);
        }

        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await ListeningAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            // Its workers end with it only when it is told to stop.
            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process?.Dispose();
        folder.Delete(recursive: true);
    }

    // The sample as it is, but for where everybody listens, and for where somebody who is not root may write.
    private string Configure(string sample, IReadOnlyList<ServerNode> nodes)
    {
        var temporary = string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(name => $"{name}_temp_path {folder.FullName}/{name};"));
        return Replace(Replace(Replace(Replace(sample,
            "http {", $"http {{ {temporary}"),
            "listen 8080;", $"listen 127.0.0.1:{Address.Port};"),
            "node-a:5080", nodes[0].Address.Authority),
            "node-b:5080", nodes[1].Address.Authority);
    }

    private static string Replace(string text, string what, string with)
    {
        text.Should().Contain(what);
        return text.Replace(what, with, StringComparison.Ordinal);
    }

    private async Task ListeningAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline.Length, TimeProvider.System);
        while (true)
        {
            if (process!.HasExited)
            {
                throw new InvalidOperationException($"nginx ended with exit code {process.ExitCode}:\n{Output}");
            }

            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Address.Port, deadline.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
            }
        }
    }

    private void Hear(string? line)
    {
        lock (gate)
        {
            said.AppendLine(line);
        }
    }
}
