using Cocona.Command.Dispatcher.Middlewares;
using Cocona.CommandLine;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Parsing;

/// <summary>What was typed, taken apart by Cocona's parser; all sentences are ours.</summary>
internal sealed class CommandLine
{
    private static readonly string[] SecretOptions = ["--token", "--pin", "--pins", "--notify", "--key", "--api-key", "--apikey"];
    private static readonly string[] HelpAndVersion = ["--help", "-h", "-?", "--version"];

    private readonly CommandCatalog _catalog = CommandCatalog.Instance;
    private readonly ParsedCommandLine _parsed;

    /// <summary>Without the word that names the command.</summary>
    private readonly List<string> _words;
    private readonly Dictionary<string, Given> _options = [];

    /// <summary>How many words stand before the command.</summary>
    private readonly int _leading;
    private readonly string? _name;

    private CommandLine(IReadOnlyList<string> args)
    {
        _words = [.. args];
        _leading = FindCommand();
        // "help sync" is what half the world types.
        while (_leading < _words.Count && _words[_leading] == "help")
        {
            _words[_leading] = "--help";
            _leading = FindCommand();
        }

        if (_leading < _words.Count)
        {
            _name = _words[_leading];
            _words.RemoveAt(_leading);
            Command = _catalog.Find(_name);
        }

        _parsed = new CoconaCommandLineParser().ParseCommand(
            [.. WordSpelling.ForCocona(_words, [.. Known])],
            Command?.Descriptor.Options ?? _catalog.CommonDescriptors,
            Command?.Descriptor.Arguments ?? []);
        Arguments = _parsed.Arguments.Select(static argument => argument.Value).ToList();
        IsHelp = Has("help");
        IsVersion = Has("version");
        AsksForJson = Options.Any(static word => word is "--json" or "--json=true");
        var wrong = ReadOptions();
        Error = FindUnknown() ?? FindBeforeCommand() ?? FindStray() ?? wrong;
        if (!IsHelp && !IsVersion)
        {
            Error ??= FindIgnored() ?? FindMissing();
        }
    }

    /// <summary>Null where none was named.</summary>
    public CommandDefinition? Command { get; }

    /// <summary>What was typed, by the names of the settings.</summary>
    public IReadOnlyDictionary<string, Given> Given => _options;

    /// <summary>The words without a dash, after that of the command.</summary>
    public IReadOnlyList<string> Arguments { get; }

    public bool IsHelp { get; }

    public bool IsVersion { get; }

    /// <summary>A program reads the answer, whatever else cannot be understood.</summary>
    public bool AsksForJson { get; }

    /// <summary>What cannot be understood, if anything.</summary>
    public CliException? Error { get; }

    private IEnumerable<string> Options => _words.TakeWhile(static word => word != WordSpelling.End).Where(WordSpelling.IsOption);

    /// <summary>What the command takes; without one, what every command takes.</summary>
    private IEnumerable<Setting> Known => _catalog.Common.Concat(Command?.Settings ?? []);

    public static CommandLine Parse(IReadOnlyList<string> args) => new(args);

    /// <summary>Runs the command, by Cocona's middleware.</summary>
    public ValueTask<int> InvokeAsync(CommandContext context, CancellationToken cancellationToken) =>
        new CoconaCommandInvokeMiddleware(static _ => new(ExitCode.Done), new OptionBinder(_catalog, context.Settings, cancellationToken))
            .DispatchAsync(new(Command!.Descriptor, _parsed, Command.Create(context), cancellationToken));

    /// <summary>Where the command is named: options can stand before it, with their values.</summary>
    private int FindCommand()
    {
        for (var at = 0; at < _words.Count; at++)
        {
            if (!WordSpelling.IsOption(_words[at]))
            {
                return _words[at] == WordSpelling.End ? _words.Count : at;
            }

            at += FindSetting(_words[at]) is { } setting && WordSpelling.TakesNext(setting, _words.ElementAtOrDefault(at + 1)) ? 1 : 0;
        }

        return _words.Count;
    }

    /// <summary>Before a command is named, any option may be meant; all are read only for one that is not common to them.</summary>
    private Setting? FindSetting(string option) =>
        Known.FirstOrDefault(setting => setting.IsCalled(option))
        ?? (Command is null && !HelpAndVersion.Contains(option)
            ? _catalog.Settings.FirstOrDefault(setting => setting.IsCalled(option))
            : null);

    private bool Has(string flag) => _parsed.Options.Any(option => option.Option.Name == flag && option.Value == "true");

    /// <summary>Reads every option, whatever is wrong with another: how to report it is among them.</summary>
    private CliException? ReadOptions()
    {
        CliException? error = null;
        foreach (var setting in Known)
        {
            var values = _parsed.Options.Where(option => option.Option.Name == setting.Name)
                .Select(static option => option.Value?.Trim() ?? "").ToList();
            if (values.Count > 0)
            {
                var key = values.Contains("") ? "Option_NeedsValue"
                    : values.Count > 1 && setting.Kind is not SettingKind.List ? "Option_Repeated" : null;
                error ??= key is null ? null : new(CliException.Usage, key, setting.Option);
                _ = key is null && _options.TryAdd(setting.Name, new Given(values, setting.Option, IsTyped: true));
            }
        }

        return error;
    }

    private CliException? FindUnknown()
    {
        foreach (var word in Options)
        {
            // A value is cut off before anything is shown: it may be a secret.
            var name = WordSpelling.NameOf(word);
            if (SecretOptions.Contains(name))
            {
                return name == "--token" ? new(CliException.Usage, "Option_Secret", name, "PLEXSYNC_TOKEN", "--token-file")
                    : name == "--notify" ? new(CliException.Usage, "Option_Secret", name, NotifyHook.Variable, "--notify-file")
                    : name.EndsWith("key", StringComparison.Ordinal)
                    ? new(CliException.Usage, "Option_Secret", name, TautulliKey.Variable, "--key-file")
                    : new(CliException.Usage, "Option_Secret", name, "PLEXSYNC_PINS", "--pin-file");
            }

            var setting = FindSetting(name);
            if (setting is null && !HelpAndVersion.Contains(name))
            {
                if (Command is not null && _catalog.Settings.Any(setting => setting.IsCalled(name)))
                {
                    return new(CliException.Usage, "Option_NotHere", name, Command.Name);
                }

                // A single letter is near every other one.
                var known = (Command is null ? _catalog.Settings : Known).Select(static setting => setting.Option)
                    .Append("--help").Append("--version");
                return name.Length > 2 && Nearest.To(name, known) is { } nearest
                    ? new(CliException.Usage, "Option_Unknown_Nearest", name, nearest)
                    : new(CliException.Usage, "Option_Unknown", name, Command is null ? "plexsync" : $"plexsync {Command.Name}");
            }

            // The parser takes whatever follows "=" for false.
            if (setting is null or { Kind: SettingKind.Flag } && word.Length > name.Length
                && !bool.TryParse(word[(name.Length + 1)..], out _))
            {
                return new(CliException.Usage, "Invalid_Flag", name, word[(name.Length + 1)..]);
            }
        }

        return null;
    }

    /// <summary>Options of some commands only, where a command should be.</summary>
    private CliException? FindBeforeCommand()
    {
        foreach (var word in _words.Take(_name is null ? _words.Count : _leading).TakeWhile(static word => word != WordSpelling.End))
        {
            var name = WordSpelling.NameOf(word);
            if (WordSpelling.IsOption(word) && !HelpAndVersion.Contains(name)
                && !_catalog.Common.Any(setting => setting.IsCalled(name)))
            {
                var commands = _catalog.Commands.Where(command => command.Settings.Any(setting => setting.IsCalled(name)))
                    .Select(static command => command.Name).ToList();
                if (commands.Count > 0)
                {
                    return new(CliException.Usage, "Option_BeforeCommand", name, string.Join(", ", commands));
                }
            }
        }

        return null;
    }

    private CliException? FindStray()
    {
        if (_name is not null && Command is null)
        {
            return FindLongDash([_name]) is { } dash ? dash
                : Nearest.To(_name, _catalog.Commands.Select(static command => command.Name)) is { } nearest
                ? new(CliException.Usage, "Command_Unknown_Nearest", _name, nearest)
                : new(CliException.Usage, "Command_Unknown", _name);
        }

        return Arguments.Count <= (Command?.ArgumentNames.Count ?? 0) ? null
            : FindLongDash(Arguments) is { } found ? found
            : Command is { ArgumentNames: ["TITLE"] }
                ? new(CliException.Usage, "Argument_Quotes", Command.Name, string.Join(' ', Arguments))
            : Command is null ? new(CliException.Usage, "Command_Unknown", Arguments[0])
            : Command.Settings.FirstOrDefault(static setting => setting.Name is "to" or "user") is { } option
                ? new(CliException.Usage, "Argument_Unexpected", Arguments[^1], Command.Name, option.Option)
            : new(CliException.Usage, "Argument_NotHere", Arguments[^1], Command.Name);
    }

    /// <summary>Web pages and word processors turn two hyphens into one long dash.</summary>
    private static CliException? FindLongDash(IEnumerable<string> words) =>
        words.FirstOrDefault(static word => word.Length > 1 && word[0] is '–' or '—') is { } word
            ? new(CliException.Usage, "Argument_LongDash", word, $"--{word.TrimStart('–', '—')}") : null;

    private CliException? FindIgnored() => Command is { Traits.IgnoresServer: true } && _options.ContainsKey("server")
        ? new(CliException.Usage, "Option_Ignored", "--server", Command.Name)
        : null;

    private CliException? FindMissing()
    {
        for (var at = 0; at < (Command is { NeedsArguments: true } ? Command.ArgumentNames.Count : 0); at++)
        {
            if (string.IsNullOrWhiteSpace(Arguments.ElementAtOrDefault(at)))
            {
                // "import history.json": what is missing is the first word.
                var words = Command!.ArgumentNames[0].Split('|');
                return at > 0 && !words.Contains(Arguments[0])
                    ? new(CliException.Usage, "Import_Format", Arguments[0], string.Join(", ", words))
                    : new(CliException.Usage, "Argument_Missing", Command!.Name, new ValueName(Command.ArgumentNames[at]));
            }
        }

        return null;
    }
}
