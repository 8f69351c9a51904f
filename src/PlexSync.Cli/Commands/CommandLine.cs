using System.CommandLine;
using System.CommandLine.Parsing;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>A command: its name, what it takes besides the common settings, and what it does.</summary>
internal sealed record CommandDefinition(string Name, IReadOnlyList<Setting> Settings, Func<CommandContext, CancellationToken, Task<int>> RunAsync)
{
    /// <summary>What the help calls the word that the command takes without a dash; null for most.</summary>
    public string? ArgumentName { get; init; }

    /// <summary>It does nothing without that word.</summary>
    public bool NeedsArgument { get; init; }

    /// <summary>It runs with settings that are wrong, too, to say what is.</summary>
    public bool IsDiagnosis { get; init; }

    /// <summary>It is about the account, whatever server is meant.</summary>
    public bool IgnoresServer { get; init; }

    /// <summary>It does the same whatever is configured, and whatever is wrong with that.</summary>
    public bool ReadsNoFile { get; init; }
}

/// <summary>What was typed, taken apart. The only user of the parser, which is left to split words: all sentences are ours.</summary>
internal sealed class CommandLine
{
    private static readonly Setting[] Items =
        [Setting.Library, Setting.Type, Setting.Show, Setting.Since, Setting.Only, Setting.Ratings, Setting.RetryUnkept];
    private static readonly Setting[] Across = [Setting.ToServer, Setting.ToTokenFile];
    private static readonly Setting[] Shown = [Setting.AllItems, Setting.ShowSkipped, Setting.Report];
    private static readonly Setting[] Rules = [Setting.Policy, Setting.TwoWay, Setting.Unwatched, Setting.Match, .. Items];
    private static readonly Setting[] Plans =
        [Setting.From, Setting.To, Setting.ToAll, Setting.Except, .. Across, .. Rules, Setting.MaxRemovals];

    public static readonly IReadOnlyList<CommandDefinition> Definitions =
    [
        new("sync", [.. Plans, Setting.DryRun, Setting.Yes, .. Shown], static (context, token) => new SyncCommand(context).RunAsync(token)),
        new("plan", [Setting.Output, .. Plans, .. Shown], static (context, token) => new PlanCommand(context).RunAsync(token)),
        new(
            "merge",
            [Setting.User, Setting.Policy, .. Items, Setting.MaxRemovals, Setting.DryRun, Setting.Yes, .. Shown],
            static (context, token) => new MergeCommand(context).RunAsync(token)),
        new("explain", [Setting.From, Setting.To, .. Across, .. Rules], static (context, token) => new ExplainCommand(context).RunAsync(token))
        {
            ArgumentName = "TITLE",
            NeedsArgument = true,
        },
        new(
            "apply",
            [.. Across, Setting.DryRun, Setting.Yes, Setting.MaxRemovals, .. Shown],
            static (context, token) => new ApplyCommand(context).RunAsync(token))
        {
            ArgumentName = "FILE",
            NeedsArgument = true,
        },
        new(
            "undo",
            [.. Across, Setting.Yes, Setting.DryRun, Setting.MaxRemovals, .. Shown],
            static (context, token) => new UndoCommand(context).RunAsync(token)) { ArgumentName = "RUN" },
        new(
            "runs",
            [Setting.Resume, .. Across, Setting.DryRun, Setting.Yes, .. Shown],
            static (context, token) => new RunsCommand(context).RunAsync(token)),
        new(
            "snapshot",
            [Setting.User, Setting.Output, Setting.Overwrite, Setting.Library],
            static (context, token) => new SnapshotCommand(context).RunAsync(token)),
        new(
            "restore",
            [Setting.User, Setting.Exact, Setting.Ratings, Setting.Yes, Setting.DryRun, Setting.MaxRemovals, .. Shown],
            static (context, token) => new RestoreCommand(context).RunAsync(token))
        {
            ArgumentName = "FILE",
            NeedsArgument = true,
        },
        new("login", [], static (context, token) => new LoginCommand(context).RunAsync(token)),
        new("logout", [], static (context, _) => new LogoutCommand(context).RunAsync()) { IgnoresServer = true },
        new("users", [], static (context, token) => new UsersCommand(context).RunAsync(token)) { IgnoresServer = true },
        new("libraries", [Setting.From], static (context, token) => new LibrariesCommand(context).RunAsync(token)),
        new("servers", [], static (context, token) => new ServersCommand(context).RunAsync(token)) { IgnoresServer = true },
        new("doctor", [], static (context, token) => new DoctorCommand(context).RunAsync(token)) { IsDiagnosis = true },
        new("completion", [], static (context, _) => new CompletionCommand(context).RunAsync())
        {
            ArgumentName = string.Join('|', Shells.All),
            NeedsArgument = true,
            ReadsNoFile = true,
        },
    ];

    private static readonly string[] HelpNames = ["--help", "-h", "-?"];
    private const string VersionName = "--version";

    private CommandLine(CommandDefinition? command)
    {
        Command = command;
    }

    /// <summary>Null where none was named.</summary>
    public CommandDefinition? Command { get; }

    public IReadOnlyDictionary<Setting, Given> Options { get; private set; } = new Dictionary<Setting, Given>();

    /// <summary>The word without a dash, where the command takes one.</summary>
    public string? Argument { get; private set; }

    public bool IsHelp { get; private set; }

    public bool IsVersion { get; private set; }

    /// <summary>A program reads the answer, whatever else cannot be understood.</summary>
    public bool AsksForJson { get; private set; }

    /// <summary>What cannot be understood, if anything.</summary>
    public CliException? Error { get; private set; }

    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        // "help sync" is what half the world types.
        args = args is ["help", ..] ? [.. args.Skip(1), HelpNames[0]] : args;

        // No value is converted and no action invoked by the parser: neither its exceptions, its messages nor its process handling apply.
        var help = new Option<bool>(HelpNames[0], HelpNames[1..]) { Recursive = true };
        var version = new Option<bool>(VersionName) { Recursive = true };
        var root = new Command("plexsync") { help, version };
        foreach (var setting in Setting.Common)
        {
            root.Add(ToOption(setting, isRecursive: true));
        }

        foreach (var definition in Definitions)
        {
            var command = new Command(definition.Name);
            root.Add(command);
            foreach (var setting in definition.Settings)
            {
                command.Add(ToOption(setting, isRecursive: false));
            }
        }

        var result = CommandLineParser.Parse(
            root, args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        var named = Definitions.FirstOrDefault(definition => definition.Name == result.CommandResult.Command.Name);
        var line =
            new CommandLine(named)
            {
                IsHelp = result.GetResult(help) is { Implicit: false },
                IsVersion = result.GetResult(version) is { Implicit: false },
            };
        var given = new Dictionary<Setting, Given>();
        foreach (var setting in Setting.Common.Concat(named?.Settings ?? []))
        {
            if (result.GetResult(setting.Option) is OptionResult { Implicit: false } found)
            {
                // Every setting is read, whatever is wrong with another: how to report it is among them.
                var error = Read(setting, found, given);
                line.Error ??= error;
            }
        }

        line.Options = given;
        line.AsksForJson = args.TakeWhile(static arg => arg != "--").Any(static arg => arg is "--json" or "--json=true");
        line.Argument = named?.ArgumentName is not null && result.UnmatchedTokens is [var word, ..] ? word : null;
        line.Error = FindUnknownOption(args, named) ?? FindStray(result, named) ?? line.Error ?? FindIgnored(line) ?? FindMissing(line);
        return line;
    }

    private static CliException? FindIgnored(CommandLine line) =>
        line is { Command.IgnoresServer: true, IsHelp: false, IsVersion: false } && line.Options.ContainsKey(Setting.Server)
            ? new(CliException.Usage, "Option_Ignored", Setting.Server.Option, line.Command.Name)
            : null;

    private static CliException? FindMissing(CommandLine line) =>
        line is { Command.NeedsArgument: true, IsHelp: false, IsVersion: false } && string.IsNullOrWhiteSpace(line.Argument)
            ? new(CliException.Usage, "Argument_Missing", line.Command.Name, line.Command.ArgumentName)
            : null;

    private static Option ToOption(Setting setting, bool isRecursive) => setting.Kind is SettingKind.Flag
        ? new Option<bool>(setting.Option, setting.Alias is { } letter ? [letter] : [])
        {
            Recursive = isRecursive,
            AllowMultipleArgumentsPerToken = false,
        }
        : new Option<string[]>(setting.Option, setting.Alias is { } alias ? [alias] : [])
        {
            Recursive = isRecursive,
            Arity = ArgumentArity.ZeroOrMore,
            AllowMultipleArgumentsPerToken = false,
        };

    private static CliException? Read(Setting setting, OptionResult found, Dictionary<Setting, Given> given)
    {
        var values = found.Tokens.Select(static token => token.Value).ToList();
        if (setting.Kind is SettingKind.Flag)
        {
            if (found.IdentifierTokenCount > 1)
            {
                return new(CliException.Usage, "Option_Repeated", setting.Option);
            }

            given[setting] = new Given([values.Count > 0 ? values[^1] : "true"], setting.Option);
            return null;
        }

        if (values.Count < found.IdentifierTokenCount || values.Exists(string.IsNullOrWhiteSpace))
        {
            return new(CliException.Usage, "Option_NeedsValue", setting.Option);
        }

        if (setting.Kind is SettingKind.Value && values.Count > 1)
        {
            return new(CliException.Usage, "Option_Repeated", setting.Option);
        }

        given[setting] = new Given(values.ConvertAll(static value => value.Trim()), setting.Option);
        return null;
    }

    /// <summary>
    /// The parser would take an unknown option for a value, as in <c>--from --tp Kid</c>; here a word with a dash is always an option.
    /// </summary>
    private static CliException? FindUnknownOption(IReadOnlyList<string> args, CommandDefinition? command)
    {
        var settings = Setting.Common.Concat(command?.Settings ?? Definitions.SelectMany(static definition => definition.Settings))
            .ToList();
        var known = settings.SelectMany(static setting => new[] { setting.Option, setting.Alias ?? setting.Option }).Concat(HelpNames)
            .Append(VersionName).ToList();
        foreach (var arg in args.TakeWhile(static arg => arg != "--").Where(static arg => arg.Length > 1 && arg[0] == '-'))
        {
            // A value is cut off before anything is shown: it may be a secret.
            var name = arg.Split('=', ':')[0];
            if (name is "--token" or "--pin" or "--pins")
            {
                return new(CliException.Usage, "Option_Secret", name);
            }

            if (!known.Contains(name))
            {
                // A single letter is near every other one.
                return name.Length > 2 && Nearest.To(name, known) is { } nearest
                    ? new(CliException.Usage, "Option_Unknown_Nearest", name, nearest)
                    : new(CliException.Usage, "Option_Unknown", name);
            }

            // The parser would take what follows "=" for a word of its own.
            if (arg.Length > name.Length && settings.Exists(setting => setting.IsCalled(name) && setting.Kind is SettingKind.Flag)
                && !bool.TryParse(arg[(name.Length + 1)..], out _))
            {
                return new(CliException.Usage, "Invalid_Flag", name, arg[(name.Length + 1)..]);
            }
        }

        return null;
    }

    /// <summary>The commands that take an option, which was typed where a command should be.</summary>
    private static string CommandsWith(string option) => string.Join(
        ", ",
        Definitions.Where(definition => definition.Settings.Any(setting => setting.IsCalled(option.Split('=', ':')[0])))
            .Select(static definition => definition.Name));

    private static CliException? FindStray(ParseResult result, CommandDefinition? command)
    {
        // The parser keeps a first word in brackets to itself.
        var directive = result.Tokens.Select(static token => token.Value).FirstOrDefault(static word => word.StartsWith('['));
        if ((command?.ArgumentName is null ? result.UnmatchedTokens : result.UnmatchedTokens.Skip(1).ToList()) is not [var word, ..])
        {
            return directive is null || command is not null && result.Tokens[0].Value != directive ? null
                : new(CliException.Usage, "Command_Unknown", directive);
        }

        return command is { ArgumentName: "TITLE" }
            ? new(CliException.Usage, "Argument_Quotes", command.Name, string.Join(' ', result.UnmatchedTokens))
            : (command is null || word.StartsWith('-')) && CommandsWith(word) is { Length: > 0 } commands
            ? new(CliException.Usage, "Option_BeforeCommand", word.Split('=', ':')[0], commands)
            : command is not null ? new(CliException.Usage, "Argument_Unexpected", word, command.Name)
            : Nearest.To(word, Definitions.Select(static definition => definition.Name)) is { } nearest
                ? new(CliException.Usage, "Command_Unknown_Nearest", word, nearest)
            : new(CliException.Usage, "Command_Unknown", word);
    }
}
