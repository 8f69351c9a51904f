using System.Diagnostics;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Programs;

/// <summary>A program of this repository that was built with the tests, in a process of its own.</summary>
internal sealed class ManagedProgram : IDisposable
{
    private readonly Process _process;

    private ManagedProgram(Process process) => _process = process;

    /// <param name="project">The folder of the project, below the repository; its last part is the name of the program.</param>
    /// <param name="name">The name of the assembly.</param>
    /// <param name="environment">Variables that are added.</param>
    /// <param name="arguments">The command line.</param>
    public static ManagedProgram Start(
        string project, string name, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}",
            StringComparison.Ordinal) ? "Release" : "Debug";
        var program = Path.Combine(Repository.Root, project, "bin", configuration, "net10.0", $"{name}.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        return new ManagedProgram(Process.Start(start)!);
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Out, string Error)> RunAsync(
        string project, string name, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var program = Start(project, name, environment, arguments);
        program._process.StandardInput.Close();
        var error = program._process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await program._process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program._process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (program._process.ExitCode, output, await error);
    }

    /// <summary>What is written up to and including the first line that holds this text.</summary>
    public async Task<IReadOnlyList<string>> ReadUntilAsync(string text)
    {
        var lines = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return lines;
            }
        }

        var errors = await _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        throw new InvalidOperationException($"It ended: {errors}");
    }

    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Presses Ctrl+C.</summary>
    public async Task<int> InterruptAsync()
    {
        using (var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
