using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Prints the script that lets a shell complete command lines.</summary>
internal sealed class CompletionCommand(CommandContext context)
{
    /// <summary>What such a script calls with the words typed so far; it is in no help.</summary>
    public const string Callback = "__complete";

    public Task<int> RunAsync()
    {
        var shell = Array.Find(Shells.All, known => known == context.Argument)
            ?? throw new CliException(CliException.Usage, "Completion_UnknownShell", context.Argument, string.Join(", ", Shells.All));
        context.Console.Out.Write(Shells.ScriptOf(shell));
        return Task.FromResult(ExitCode.Done);
    }

    /// <summary>Prints what could come next, a line each. Whatever goes wrong, the shell sees nothing of it.</summary>
    public static void Call(IReadOnlyList<string> args, ConsoleEnvironment around)
    {
        try
        {
            var run = new CommandContext(around, Settings.Load(new Dictionary<Setting, Given>(), around.Environment));
            var line = TypedLine.Read(args[1], [.. args.Skip(2)]);
            if (new Completion(run).Of(line) is { } candidates)
            {
                foreach (var candidate in candidates)
                {
                    around.Out.Write($"{Shells.Write(args[1], line, candidate)}\n");
                }
            }
            else
            {
                around.Out.Write($"{Shells.Files}\n");
            }
        }
        catch (Exception)
        {
            // Nobody asked for anything yet.
        }
    }
}
