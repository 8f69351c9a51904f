using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PlexSync.Benchmarks.Report;

/// <summary>One run of a native command line.</summary>
/// <param name="Seconds">From its start to its end.</param>
/// <param name="Processor">User and system time of the whole process, in seconds.</param>
internal readonly record struct Run(double Seconds, double Processor);

/// <summary>A native command line under measurement, with a state folder of its own.</summary>
internal sealed partial class CommandLine(string binary) : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("plexsync-benchmark-");

    public string PlanFile => Path.Combine(_home.FullName, "plan.json");

    public async Task<bool> KnowsAsync(string word)
    {
        using var process = Process.Start(
            new ProcessStartInfo(binary, ["sync", "--help"]) { RedirectStandardOutput = true, Environment = { ["NO_COLOR"] = "1" } })!;
        return (await process.StandardOutput.ReadToEndAsync()).Contains(word, StringComparison.Ordinal);
    }

    /// <summary>Forgets runs, names and agreements, as on a new machine.</summary>
    public void Forget()
    {
        _home.Delete(recursive: true);
        _home.Create();
    }

    /// <summary>By bash, whose "time" knows the process's own processor time to a millisecond.</summary>
    public async Task<Run> RunAsync(SimulatorProcess simulator, string arguments)
    {
        const string Script = "TIMEFORMAT='took %R %U %S'; time \"$@\" >/dev/null 2>/dev/null";
        using var process = Start("bash", ["-c", Script, "-", binary, .. Words(arguments)], simulator);
        var said = await process.StandardError.ReadToEndAsync();
        await EndAsync(process, arguments);
        var took = said[said.LastIndexOf("took ", StringComparison.Ordinal)..].Split(' ', '\n');
        double Seconds(int at) => double.Parse(took[at].Replace(',', '.'), CultureInfo.InvariantCulture);
        return new Run(Seconds(1), Seconds(2) + Seconds(3));
    }

    /// <summary>The most memory the process had at once, in megabytes; the kernel's own figure, read until the process ends.</summary>
    public async Task<double> PeakMemoryAsync(SimulatorProcess simulator, string arguments)
    {
        using var process = Start(binary, Words(arguments), simulator);
        var errors = process.StandardError.ReadToEndAsync();
        var peak = 0L;
        while (!process.HasExited)
        {
            try
            {
                if (Peak().Match(await File.ReadAllTextAsync($"/proc/{process.Id}/status")) is { Success: true } match)
                {
                    peak = long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                break;
            }

            await Task.Delay(4);
        }

        await errors;
        await EndAsync(process, arguments);
        return peak / 1024.0;
    }

    public void Dispose() => _home.Delete(recursive: true);

    [GeneratedRegex(@"VmHWM:\s+(\d+) kB")]
    private static partial Regex Peak();

    private string[] Words(string arguments) => arguments.Replace("PLAN", PlanFile, StringComparison.Ordinal).Split(' ');

    private Process Start(string program, string[] arguments, SimulatorProcess simulator)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        start.Environment["PLEXSYNC_SERVER"] = simulator.ServerUrl.ToString();
        start.Environment["PLEXSYNC_ACCOUNT_URL"] = simulator.AccountUrl.ToString();
        start.Environment["PLEXSYNC_TOKEN"] = simulator.OwnerToken;
        start.Environment["PLEXSYNC_HOME"] = _home.FullName;
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private async Task EndAsync(Process process, string arguments)
    {
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{binary} {arguments} ended with {process.ExitCode}.");
        }
    }
}
