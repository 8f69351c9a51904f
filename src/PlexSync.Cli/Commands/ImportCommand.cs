using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Gives a user what a history outside of Plex says they have seen.</summary>
internal sealed class ImportCommand(CommandContext context)
{
    private const string Tautulli = "tautulli";
    private const string States = "states";

    /// <summary>How many entries are named that nothing can be made of.</summary>
    private const int MostNamed = 10;

    [Command("import")]
    public async Task<int> RunAsync(
        [Argument($"{Tautulli}|{States}")] string format,
        [Argument("FILE|URL")] string from,
        [Option("user", ValueName = "USER")] string[] named,
        [Option("tautulli-user", ValueName = "NAME|ID")] Given? whose,
        [Option("key-file", ValueName = "FILE")] Given? keyFile,
        [Option("positions")] bool positions,
        WriteOptions write,
        CancellationToken cancellationToken)
    {
        if (format is not (Tautulli or States))
        {
            throw new CliException(CliException.Usage, "Import_Format", format, $"{Tautulli}, {States}");
        }

        if (format == States && (whose is { IsTyped: true } || keyFile is { IsTyped: true }))
        {
            throw new CliException(
                CliException.Usage, "Import_OnlyTautulli", whose is { IsTyped: true } ? "--tautulli-user" : "--key-file");
        }

        var name = SnapshotCommand.RequireUser(named);
        var isUrl = IsUrl(from);
        var address = isUrl && format == Tautulli ? ServerAddress.ParseWhole(new Given([from], "URL", IsTyped: true))
            : isUrl ? throw new CliException(CliException.Usage, "Import_FileOnly") : null;
        if (format == Tautulli && !isUrl && from != "-" && !Path.Exists(from))
        {
            throw new CliException(CliException.Configuration, "Import_NothingThere", from);
        }

        var operation = new Operation(context, write, file: isUrl ? null : from);
        await using var file = isUrl ? Stream.Null : await InputFile.OpenAsync(context, from, cancellationToken);
        var key = isUrl ? TautulliKey.Find(context.Settings, context.Console.Environment) : null;
        operation.RequireConsent();
        return await operation.RunAsync(
            async session =>
            {
                var server = await session.ConnectAsync(cancellationToken);
                operation.Outcome.Server = server;
                var user = await session.FindAsync(name, cancellationToken);
                var theirs = whose?.Value ?? $"id:{user.Id}";
                context.Messages.Step(isUrl ? "Step_History" : "Step_HistoryFile");
                var states = address is not null ? await AskAsync(operation.Outcome, address, key!, theirs, cancellationToken)
                    : await InputFile.ReadAsync(
                        from,
                        file,
                        format == Tautulli ? "Import_NotTautulli" : "Import_NotStates",
                        () => format == Tautulli ? TautulliHistory.ReadAsync(file, theirs, cancellationToken)
                            : ImportedStates.ReadAsync(file, cancellationToken));
                operation.Outcome.Imported = states;
                context.Messages.Step("Step_Switch", context.Texts.Users.Of(user));
                var target = await session.SwitchAsync(server, user, cancellationToken);
                await operation.MentionKilledRunsAsync([target], cancellationToken);
                context.Messages.Step("Step_Read");
                var options = new ImportOptions { ApproximatePositions = positions, DryRun = operation.Options.DryRun };
                var plan = await operation.Synchronizer.PlanImportAsync(states, target, options, context.Messages, cancellationToken);
                operation.Outcome.Source = plan.Source;
                Tell(states);
                await operation.PlanAsync([plan]);
                await operation.AskAsync(cancellationToken);
                await operation.ApplyAsync([target], cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Also what only looks like an address and may hold a key: it is not repeated as the name of a file would be.</summary>
    private static bool IsUrl(string from) =>
        from.Contains("://", StringComparison.Ordinal) || from.Contains("apikey=", StringComparison.OrdinalIgnoreCase);

    private async Task<ImportedStates> AskAsync(
        SyncOutcome outcome, Uri address, string key, string user, CancellationToken cancellationToken)
    {
        var bounds = context.ClientOptions("-");
        using var own = context.Console.Http is null ? Session.CreateHttpClient() : null;
        var client = new TautulliClient(
            context.Console.Http ?? own!,
            new TautulliOptions
            {
                Address = address,
                ApiKey = key,
                PageSize = bounds.PageSize,
                MaxRetries = bounds.MaxRetries,
                RetryDelay = bounds.RetryDelay,
                Timeout = bounds.Timeout,
            },
            context.Messages,
            context.Console.Time);
        try
        {
            return await client.ReadHistoryAsync(user, cancellationToken);
        }
        finally
        {
            outcome.HistoryReads = client.Requests.Reads;
        }
    }

    /// <summary>Says how much there is, and what nothing can be made of.</summary>
    private void Tell(ImportedStates states)
    {
        var texts = context.Texts;
        context.Messages.EndProgress();
        var others = states.OtherKinds.OrderBy(static kind => kind.Key, StringComparer.Ordinal)
            .Select(kind => $"{NameOf(kind.Key)} ({texts.Number(kind.Value)})").ToList();
        context.Messages.Note(texts.Count("Import_Read", states.Entries, texts.Count("Import_Items", states.Items.Count)));
        if (others.Count > 0)
        {
            context.Messages.Note(texts.Format("Import_OtherKinds", string.Join(", ", others)));
        }

        if (states.UnusableCount > 0)
        {
            var named = states.Unusable.Take(MostNamed).Select(entry => texts.Format(
                "Import_Unusable_Entry", texts.Number(entry.Position), Texts.Clean(entry.Title ?? "?"), texts[$"Unusable_{entry.Reason}"]));
            var list = string.Join(texts["Import_Unusable_Separator"], named) + (states.UnusableCount > MostNamed ? " …" : "");
            context.Messages.Warn(texts.Count("Import_Unusable", states.UnusableCount, list));
        }
    }

    /// <summary>What a kind of entry is called; the history's own word for one that is not known.</summary>
    private string NameOf(string kind) =>
        context.Texts.Has($"Import_Kind_{kind}") ? context.Texts[$"Import_Kind_{kind}"] : Texts.Clean(kind);
}
