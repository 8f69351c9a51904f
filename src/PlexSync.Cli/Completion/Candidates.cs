using PlexSync.Cli.Commands;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Completion;

/// <summary>A word that could stand where the cursor is.</summary>
/// <param name="text">The whole word.</param>
/// <param name="description">What it means, in a few words.</param>
/// <param name="valueAt">Where in it the value begins: after <c>--to=</c>.</param>
internal sealed class Candidate(string text, string? description = null, int valueAt = 0)
{
    public string Text => text;

    public string? Description => description;

    public int ValueAt => valueAt;
}

/// <summary>
/// What could come next on a command line: by the definitions of the commands, and by the names that earlier runs came across.
/// </summary>
internal sealed class Candidates(CommandContext context)
{
    /// <summary>More runs than anybody looks through.</summary>
    private const int MaxRuns = 50;

    private static readonly string[] OnOff = ["true", "false"];
    private static readonly string[] HelpAndVersion = ["help", "version"];
    private static readonly string[] Details = [" (", ". ", "; ", ": ", "\n"];

    private static CommandCatalog Catalog => CommandCatalog.Instance;

    private readonly Dictionary<string, List<string>> _given = [];
    private readonly List<Candidate> _found = [];
    private CommandDefinition? _command;
    private string _current = "";

    /// <summary>The candidates, best first; null where a file is meant.</summary>
    public IReadOnlyList<Candidate>? Of(TypedLine line)
    {
        _current = line.Current;
        Setting? open = null;
        var (arguments, isHelp, isRest) = (0, false, false);
        foreach (var word in line.Words)
        {
            if (open is not null)
            {
                Given(open).Add(word);
                open = null;
            }
            else if (!isRest && IsOption(word))
            {
                isRest = word == "--";
                var name = word.Split('=', ':')[0];
                var setting = Find(name);
                var values = Given(setting, name);
                if (word.Length > name.Length)
                {
                    values.Add(word[(name.Length + 1)..]);
                }
                else
                {
                    open = setting?.Kind is SettingKind.Flag ? null : setting;
                }
            }
            else if (_command is not null)
            {
                arguments++;
            }
            else if (word == "help" && !isHelp)
            {
                isHelp = true;
            }
            else if (Catalog.Find(word) is { } command)
            {
                _command = command;
            }
            else
            {
                return _found;
            }
        }

        if (open is not null)
        {
            return Values(open.ValueName, open, 0) ? _found : null;
        }

        if (!isRest && IsOption(_current) && _current.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
        {
            return Find(_current[..at]) is not { } setting || Values(setting.ValueName, setting, at + 1) ? _found : null;
        }

        if (_command is null)
        {
            Commands();
        }

        var argument = _command?.ArgumentNames.ElementAtOrDefault(arguments);
        if (_command is null ? _current.StartsWith('-') : !isHelp && !isRest && (argument is null || _current.StartsWith('-')))
        {
            Options();
        }
        else if (argument is not null && !isHelp)
        {
            return Values(argument, setting: null, 0) ? _found : null;
        }

        return _found;
    }

    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

    private Setting? Find(string option) => Known().FirstOrDefault(setting => setting.Option == option || setting.Alias == option);

    /// <summary>Before a command is named, any option may be meant.</summary>
    private IEnumerable<Setting> Known() => _command is null ? Catalog.Settings : _command.Settings.Concat(Catalog.Common);

    private List<string> Given(Setting? setting, string name = "")
    {
        var key = setting?.Option ?? name;
        return _given.TryGetValue(key, out var values) ? values : _given[key] = [];
    }

    private void Offer(string text, string? description, int valueAt = 0)
    {
        if (text.StartsWith(_current, StringComparison.OrdinalIgnoreCase))
        {
            _found.Add(new Candidate(text, description, valueAt));
        }
    }

    private void Commands()
    {
        foreach (var command in Catalog.Commands)
        {
            Offer(command.Name, context.Texts[$"Help_{command.Name}_Brief"]);
        }
    }

    /// <summary>What is not given yet, or can be given again.</summary>
    private void Options()
    {
        foreach (var setting in _command is null ? Catalog.Common : Known())
        {
            if (setting.Kind is SettingKind.List || !_given.ContainsKey(setting.Option))
            {
                Offer(setting.Option, Brief(HelpWriter.KeyOf(setting, _command?.Name, context.Texts)));
            }
        }

        foreach (var name in HelpAndVersion)
        {
            if (!_given.ContainsKey($"--{name}"))
            {
                Offer($"--{name}", Brief($"Option_{name}"));
            }
        }
    }

    /// <summary>What a value can be is told by what the help calls it. False where it is a file.</summary>
    private bool Values(string? name, Setting? setting, int from)
    {
        var canExclude = name?.StartsWith("[!]", StringComparison.Ordinal) is true;
        IEnumerable<string> values = name switch
        {
            null => OnOff,
            "USER" => context.Names.Of(NameCache.Users),
            "[!]NAME" => context.Names.Of(NameCache.Libraries),
            "URL|NAME" => context.Names.Of(NameCache.Servers),
            "POLICY" => (_command?.Name == "merge" ? ConflictPolicies.Merging : ConflictPolicies.All).Select(static policy => policy.Name),
            "RUN" => Runs(),
            "JOB" => context.Settings.Jobs.Select(static job => job.Name),
            _ when char.IsAsciiLetterLower(name[0]) => name.Split('|').Where(static word => char.IsAsciiLetterLower(word[0])),
            _ => setting is null ? [] : Choice.WordsOf(setting),
        };
        var given = setting?.Kind is SettingKind.List ? Given(setting) : [];
        var mark = canExclude && _current.Length > from && _current[from] == '!' ? "!" : "";
        foreach (var value in values)
        {
            // A word with a dash would be taken for an option, one with an exclamation mark for an exclusion.
            if (!(value[0] == '-' && from == 0) && !(value[0] == '!' && canExclude)
                && !given.Contains(mark + value, StringComparer.OrdinalIgnoreCase))
            {
                var meaning = $"Word_{setting?.Key}_{value}";
                Offer(
                    _current[..from] + mark + value,
                    setting is not null && context.Texts.Has(meaning) ? context.Texts[meaning] : null,
                    from);
            }
        }

        return name?.StartsWith("FILE", StringComparison.Ordinal) is not true;
    }

    /// <summary>
    /// The runs that the journal has, newest first, by the names of its files: what is in them would take too long to read.
    /// </summary>
    private IEnumerable<string> Runs()
    {
        var files = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 };
        return Directory.GetFiles(context.Settings.Folders.Journals, "*.jsonl", files)
            .Select(static file => Path.GetFileNameWithoutExtension(file))
            .Where(static name => RunId.TryParse(name, out _))
            .Distinct()
            .OrderDescending(StringComparer.Ordinal)
            .Take(MaxRuns);
    }

    /// <summary>The beginning of a text of the help: up to where it goes into details.</summary>
    private string Brief(string key)
    {
        var text = context.Texts[key];
        foreach (var detail in Details)
        {
            text = text.IndexOf(detail, StringComparison.Ordinal) is > 0 and var at ? text[..at] : text;
        }

        return text.TrimEnd();
    }
}
