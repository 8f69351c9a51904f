using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Keeps what one user has seen in a file.</summary>
internal sealed class SnapshotCommand(CommandContext context)
{
    /// <summary>Whose state is kept or brought back.</summary>
    public static string RequireUser(string[] named) =>
        named switch
        {
            [var user] => user,
            [] => throw new CliException(CliException.Usage, "NoUser", "--user"),
            _ => throw new CliException(CliException.Usage, "Option_Repeated", "--user"),
        };

    [Command("snapshot")]
    public async Task<int> RunAsync(
        [Option("user", ValueName = "USER")] string[] named,
        [Option("output", ['o'], ValueName = "FILE")] Given? output,
        [Option("overwrite")] bool mayOverwrite,
        [Option("library", ValueName = "[!]NAME")] string[] libraries,
        CancellationToken cancellationToken)
    {
        var name = RequireUser(named);
        var file = OutputFile.Of(context, output);
        var replaced = ReplacedSnapshot.Find(file, mayOverwrite);
        context.Messages.Step("Step_Connect");
        using var session = await Session.SignInAsync(context, cancellationToken, isAhead: true);
        var server = await session.ConnectAsync(cancellationToken);
        var found = await session.FindAsync(name, cancellationToken);
        replaced?.Require(server, found);
        context.Messages.Step("Step_Switch", context.Texts.Users.Of(found));
        var user = await session.SwitchAsync(server, found, cancellationToken);
        context.Messages.Step("Step_Read");
        var synchronizer = context.CreateSynchronizer();
        var items = 0;
        var progress = new DamageCount(context.Messages);
        await file.WriteAsync(
            async stream =>
                items = await synchronizer.SaveSnapshotAsync(
                    user, stream, libraries, progress, cancellationToken),
            cancellationToken);
        context.Messages.EndProgress();
        if (progress.Total > 0)
        {
            context.Messages.Warn(context.Texts.Count("Snapshot_Damaged", progress.Total));
        }

        if (context.IsJson)
        {
            JsonOutput.Write(
                context.Console.Out,
                new SnapshotDocument(ServerDocument.Of(server), UserReferenceDocument.Of(found), file.Path, items),
                JsonContext.Default.SnapshotDocument);
        }
        else if (file.Path != OutputFile.StandardOutput)
        {
            context.Screen.WriteLine(context.Texts.Count("Snapshot_Saved", items, context.Texts.Users.Of(found), file.Path));
            if (!context.IsQuiet)
            {
                context.Screen.WriteCommand(
                    context.Texts.Format("Snapshot_Restore", CommandContext.Quote(file.Path), CommandContext.Quote(name)));
            }
        }

        return ExitCode.Done;
    }

    /// <summary>Passes on how far the reading is, and counts what a snapshot cannot hold.</summary>
    private sealed class DamageCount(IProgress<SyncProgress> inner) : IProgress<SyncProgress>
    {
        private readonly Dictionary<LibraryKey, int> _libraries = [];

        public int Total => _libraries.Values.Sum();

        public void Report(SyncProgress value)
        {
            if (value.Library is { } library)
            {
                _libraries[library.Key] = value.Damaged;
            }

            inner.Report(value);
        }
    }
}
