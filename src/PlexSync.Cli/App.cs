using PlexSync.Cli.Commands;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli;

/// <summary>The command line, without a process around it: everything it reads and writes is passed in.</summary>
public static class App
{
    /// <summary>Runs one command line where there is no terminal.</summary>
    /// <inheritdoc cref="RunAsync(IReadOnlyList{string}, TextReader, TextWriter, TextWriter, IReadOnlyDictionary{string, string}, Terminal, CancellationToken)"/>
    public static Task<int> RunAsync(
        IReadOnlyList<string> args,
        TextReader stdin,
        TextWriter stdout,
        TextWriter stderr,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellationToken = default) =>
        RunAsync(args, stdin, stdout, stderr, environment, new Terminal(), cancellationToken);

    /// <summary>Runs one command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="stdin">Where answers come from.</param>
    /// <param name="stdout">Where results go.</param>
    /// <param name="stderr">Where everything else goes.</param>
    /// <param name="environment">The variables; those of the process are not looked at.</param>
    /// <param name="terminal">What is known of the terminal.</param>
    /// <param name="cancellationToken">Ends the run in good order: what was written is reported.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(
        IReadOnlyList<string> args,
        TextReader stdin,
        TextWriter stdout,
        TextWriter stderr,
        IReadOnlyDictionary<string, string> environment,
        Terminal terminal,
        CancellationToken cancellationToken) =>
        RunAsync(
            args,
            new ConsoleEnvironment { In = stdin, Out = stdout, Error = stderr, Environment = environment, Terminal = terminal },
            cancellationToken);

    internal static Task<int> RunAsync(IReadOnlyList<string> args, ConsoleEnvironment around, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(args);
        return TryAnswer(args, around, out var line) is { } exitCode
            ? Task.FromResult(exitCode)
            : RunAsync(args, line!, around, cancellationToken);
    }

    /// <summary>
    /// Answers what needs no command to run: help, version, what cannot be understood, and a shell that completes. Nothing here is
    /// asynchronous, and no file is read that the answer is not about: a program that only says something has to start fast.
    /// </summary>
    /// <returns>The exit code; null where a command is to run.</returns>
    internal static int? TryAnswer(
        IReadOnlyList<string> args, ConsoleEnvironment around, out CommandLine? line)
    {
        line = null;
        if (args is [CompletionCommand.Callback, ..])
        {
            CompletionCommand.Call(args, around);
            around.Out.Flush();
            return ExitCode.Done;
        }

        line = CommandLine.Parse(args);
        if (line is { Error: null, IsHelp: false, IsVersion: false, Command: not null })
        {
            return null;
        }

        var context = ContextWithoutFile(line, around);
        if (line.Error is { } error)
        {
            return Report(error, line, context);
        }

        around.Out.Write(line.IsVersion ? $"plexsync {CommandContext.Version}\n" : HelpWriter.Of(context).Write(line.Command));
        around.Out.Flush();
        return ExitCode.Done;
    }

    /// <summary>Runs the command of a line that can be understood.</summary>
    internal static async Task<int> RunAsync(
        IReadOnlyList<string> args, CommandLine line, ConsoleEnvironment around, CancellationToken cancellationToken)
    {
        var context = ContextWithoutFile(line, around);
        try
        {
            if (!line.Command!.Traits.ReadsNoFile)
            {
                context = new CommandContext(around, Settings.Load(CommandCatalog.Instance.Settings, line.Given, around.Environment))
                {
                    Arguments = args,
                };
                if (!line.Command.Traits.IsDiagnosis)
                {
                    context.Validate();
                }
            }

            return await line.InvokeAsync(context, cancellationToken);
        }
        catch (Exception e)
        {
            return Report(e, line, context);
        }
        finally
        {
            context.Messages.EndProgress();
            around.Out.Flush();
        }
    }

    private static CommandContext ContextWithoutFile(CommandLine line, ConsoleEnvironment around) =>
        new(around, Settings.WithoutFile(CommandCatalog.Instance.Common, line.Given, around.Environment));

    private static int Report(Exception exception, CommandLine line, CommandContext context)
    {
        var failure = Failure.Of(exception, context.Texts);
        context.Messages.Fail(failure, exception);
        if (context.IsJson || line.AsksForJson)
        {
            JsonOutput.Write(
                context.Console.Out,
                new FailureDocument(ErrorDocument.Of(failure)),
                JsonContext.Default.FailureDocument,
                isLine: line.Command is { Traits.PrintsLines: true });
            context.Console.Out.Flush();
        }

        return failure.ExitCode;
    }
}
