using Cocona;
using PlexSync.Cli.Completion;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Commands;

/// <summary>Prints the script that lets a shell complete command lines.</summary>
internal sealed class CompletionCommand(CommandContext context)
{
    /// <summary>What such a script calls with the words typed so far; it is in no help.</summary>
    public const string Callback = "__complete";

    [Command("completion"), Traits(ReadsNoFile = true)]
    public Task<int> RunAsync([Argument("bash|zsh|fish|powershell")] string name)
    {
        var shell = Array.Find(Shells.All, known => known == name)
            ?? throw new CliException(CliException.Usage, "Completion_UnknownShell", name, string.Join(", ", Shells.All));
        context.Console.Out.Write(Shells.ScriptOf(shell));
        return Task.FromResult(ExitCode.Done);
    }

    /// <summary>Prints what could come next, a line each. Whatever goes wrong, the shell sees nothing of it.</summary>
    public static void Call(IReadOnlyList<string> args, ConsoleEnvironment around)
    {
        try
        {
            var settings = Settings.Load(CommandCatalog.Instance.Common, new Dictionary<string, Given>(), around.Environment);
            var line = TypedLine.Read(args[1], [.. args.Skip(2)]);
            if (new Candidates(new CommandContext(around, settings)).Of(line) is { } candidates)
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
