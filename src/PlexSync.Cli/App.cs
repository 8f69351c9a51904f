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

    internal static async Task<int> RunAsync(IReadOnlyList<string> args, ConsoleEnvironment around, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args is [CompletionCommand.Callback, ..])
        {
            CompletionCommand.Call(args, around);
            await around.Out.FlushAsync(CancellationToken.None);
            return ExitCode.Done;
        }

        var line = CommandLine.Parse(args);
        var context = new CommandContext(around, Settings.WithoutFile(CommandCatalog.Instance.Common, line.Given, around.Environment));
        try
        {
            // Help and version read no file and ask nobody.
            if (line.Error is { } error)
            {
                throw error;
            }

            if (line.IsHelp || line.IsVersion || line.Command is null)
            {
                await around.Out.WriteAsync(
                    line.IsVersion ? $"plexsync {CommandContext.Version}\n" : HelpWriter.Of(context).Write(line.Command));
                return ExitCode.Done;
            }

            if (!line.Command.Traits.ReadsNoFile)
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
            var failure = Failure.Of(e, context.Texts);
            context.Messages.Fail(failure, e);
            if (context.IsJson || line.AsksForJson)
            {
                JsonOutput.Write(around.Out, new FailureDocument(ErrorDocument.Of(failure)), JsonContext.Default.FailureDocument);
            }

            return failure.ExitCode;
        }
        finally
        {
            context.Messages.EndProgress();
            await around.Out.FlushAsync(CancellationToken.None);
        }
    }
}
