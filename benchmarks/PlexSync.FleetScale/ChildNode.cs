using System.Diagnostics;
using System.Threading.Channels;

namespace PlexSync.FleetScale;

/// <summary>A node in a process of its own.</summary>
internal sealed class ChildNode : IDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _answers = Channel.CreateUnbounded<string>();

    private ChildNode(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                _answers.Writer.TryComplete();
            }
            else if (line.Data.StartsWith(NodeProgram.Answer, StringComparison.Ordinal))
            {
                _answers.Writer.TryWrite(line.Data[NodeProgram.Answer.Length..]);
            }
            else
            {
                Console.Error.WriteLine(line.Data);
            }
        };
        process.BeginOutputReadLine();
    }

    /// <summary>Starts a node, and waits until it is up.</summary>
    public static async Task<ChildNode> StartAsync(string name, string keys, string? configuration, ScaleOptions options)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["node", name, keys, .. options.ToArguments()])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["FLEET_CONFIG"] = configuration;
        var node = new ChildNode(Process.Start(start)!);
        await node.NextAsync();
        return node;
    }

    public async Task<string> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        return await NextAsync();
    }

    public async Task StopAsync()
    {
        await _process.StandardInput.WriteLineAsync("stop");
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<string> NextAsync() => await _answers.Reader.ReadAsync();
}
