using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli;

/// <summary>The process around <see cref="App"/>: its streams, its environment and its signals. Nothing else touches the console.</summary>
internal static class Program
{
    /// <summary>Signals that come closer together are one.</summary>
    private static readonly TimeSpan OneSignal = TimeSpan.FromSeconds(1);

    private static readonly string[] CharsetVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static int Main(string[] args)
    {
        var environment = ReadEnvironment();
        var terminal = ReadTerminal(environment);
        if (OperatingSystem.IsWindows() && (terminal.IsOutput || terminal.IsError))
        {
            Console.OutputEncoding = Utf8;
        }

        var results = new ForgivingStream(Console.OpenStandardOutput());
        using var stdout = new StreamWriter(results, Utf8, bufferSize: 16 * 1024) { NewLine = "\n" };
        using var stderr = new StreamWriter(new ForgivingStream(Console.OpenStandardError()), Utf8) { NewLine = "\n", AutoFlush = true };
        // The console's input is opened for commands only: they alone ask.
        var around = new ConsoleEnvironment
        {
            In = TextReader.Null,
            Out = stdout,
            Error = stderr,
            Environment = environment,
            Terminal = terminal,
        };
        var exitCode = App.TryAnswer(args, around, out var line)
            ?? RunAsync(args, line!, around with { In = Console.In }).GetAwaiter().GetResult();
        stdout.Flush();
        // Done, but nobody could be told.
        return exitCode == ExitCode.Done && results.HasFailed ? ExitCode.Unexpected : exitCode;
    }

    private static async Task<int> RunAsync(string[] args, CommandLine line, ConsoleEnvironment around)
    {
        using var stop = new CancellationTokenSource();
        var stoppedAt = 0L;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        return await App.RunAsync(args, line, around, stop.Token);

        // The first signal lets the run end in good order and report; the second one ends it. The signal itself would not do: the first
        // process of a container ignores it. A terminal that is closed sends two at once, which count as one.
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            if (Interlocked.CompareExchange(ref stoppedAt, TimeProvider.System.GetTimestamp(), 0) is var first and not 0
                && TimeProvider.System.GetElapsedTime(first) >= OneSignal)
            {
                Environment.Exit(ExitCode.Cancelled);
            }

            stop.Cancel();
        }
    }

    private static Dictionary<string, string> ReadEnvironment()
    {
        var environment = new Dictionary<string, string>(
            OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        return environment;
    }

    private static Terminal ReadTerminal(Dictionary<string, string> environment)
    {
        var isOutput = !Console.IsOutputRedirected;
        var isError = !Console.IsErrorRedirected;
        var charset = CharsetVariables.Select(environment.GetValueOrDefault).FirstOrDefault(static value => value is { Length: > 0 });
        return new Terminal
        {
            IsInput = !Console.IsInputRedirected,
            IsOutput = isOutput,
            IsError = isError,
            Width = isOutput || isError ? ReadWidth() : Terminal.DefaultWidth,
            IsUnicode = OperatingSystem.IsWindows()
                || charset?.Replace("-", "", StringComparison.Ordinal).Contains("UTF8", StringComparison.OrdinalIgnoreCase) is true,
            ReadSecretAsync = ReadSecretAsync,
        };
    }

    private static int ReadWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : Terminal.DefaultWidth;
        }
        catch (IOException)
        {
            return Terminal.DefaultWidth;
        }
    }

    /// <summary>Reads a line without showing it; polls, because a blocked read could not be cancelled.</summary>
    private static async Task<string?> ReadSecretAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        while (true)
        {
            while (!Console.KeyAvailable)
            {
                await Task.Delay(20, cancellationToken);
            }

            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    return text.ToString();
                case ConsoleKey.Backspace:
                    text.Length = Math.Max(0, text.Length - 1);
                    break;
                case ConsoleKey.U when key.Modifiers is ConsoleModifiers.Control:
                    text.Clear();
                    break;
                case ConsoleKey.D when key.Modifiers is ConsoleModifiers.Control:
                    return null;
                default:
                    _ = char.IsControl(key.KeyChar) ? text : text.Append(key.KeyChar);
                    break;
            }
        }
    }
}
