using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>A word that could stand where the cursor is.</summary>
/// <param name="Text">The whole word.</param>
/// <param name="Description">What it means, in a few words.</param>
/// <param name="ValueAt">Where in it the value begins: after <c>--to=</c>.</param>
internal sealed record Candidate(string Text, string? Description = null, int ValueAt = 0);

/// <summary>What could come next on a command line: by the definitions of the commands, and by the names that earlier runs came across.</summary>
internal sealed class Completion(Run run)
{
    /// <summary>More runs than anybody looks through.</summary>
    private const int MaxRuns = 50;

    private static readonly string[] OnOff = ["true", "false"];
    private static readonly string[] HelpAndVersion = ["help", "version"];

    private readonly Dictionary<string, List<string>> _given = [];
    private CommandDefinition? _command;

    /// <summary>The candidates, best first; null where a file is meant.</summary>
    public IReadOnlyList<Candidate>? Of(TypedLine line)
    {
        Setting? open = null;
        var (hasArgument, isHelp, isRest) = (false, false, false);
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
                hasArgument = true;
            }
            else if (word == "help" && !isHelp)
            {
                isHelp = true;
            }
            else if (CommandLine.Definitions.FirstOrDefault(definition => definition.Name == word) is { } command)
            {
                _command = command;
            }
            else
            {
                return [];
            }
        }

        var current = line.Current;
        if (open is not null)
        {
            return ValuesOf(open, current, 0);
        }

        if (!isRest && IsOption(current) && current.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
        {
            return Find(current[..at]) is { } setting ? ValuesOf(setting, current, at + 1) : [];
        }

        if (_command is null)
        {
            return current.StartsWith('-') ? Options(current) : Starting(current, CommandLine.Definitions.Select(Describe));
        }

        if (isHelp)
        {
            return [];
        }

        var argument = hasArgument || (!isRest && current.StartsWith('-')) ? null : _command.ArgumentName;
        return argument is not null ? Values(argument, setting: null, current, 0) : isRest ? [] : Options(current);
    }

    private Candidate Describe(CommandDefinition command) => new(command.Name, run.Texts[$"Help_{command.Name}_Brief"]);

    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

    private Setting? Find(string option) => Known().FirstOrDefault(setting => setting.Option == option || setting.Alias == option);

    /// <summary>Before a command is named, any option may be meant.</summary>
    private IEnumerable<Setting> Known() => _command is null ? Setting.All : _command.Settings.Concat(Setting.Common);

    private List<string> Given(Setting? setting, string name = "")
    {
        var key = setting?.Option ?? name;
        return _given.TryGetValue(key, out var values) ? values : _given[key] = [];
    }

    /// <summary>What is not given yet, or can be given again.</summary>
    private List<Candidate> Options(string current)
    {
        var settings = (_command is null ? Setting.Common : Known()).Where(setting => setting.Kind is SettingKind.List || !_given.ContainsKey(setting.Option));
        var options = settings.Select(setting =>
        {
            var special = $"Option_{_command?.Name}_{setting.Key}";
            return new Candidate(setting.Option, Brief(run.Texts.Has(special) ? special : $"Option_{setting.Key}"));
        });
        var others = HelpAndVersion.Where(name => !_given.ContainsKey($"--{name}")).Select(name => new Candidate($"--{name}", Brief($"Option_{name}")));
        return Starting(current, options.Concat(others));
    }

    private List<Candidate>? ValuesOf(Setting setting, string current, int from) => Values(setting.ValueName ?? "", setting, current, from);

    /// <summary>What a value can be is told by what the help calls it.</summary>
    private List<Candidate>? Values(string name, Setting? setting, string current, int from) => name switch
    {
        "FILE" => null,
        "USER" => Choose(setting, current, from, run.Names.Of(NameCache.Users)),
        "[!]NAME" => Choose(setting, current, from, run.Names.Of(NameCache.Libraries), canExclude: true),
        "URL|NAME" => Choose(setting, current, from, run.Names.Of(NameCache.Servers)),
        "POLICY" => Choose(setting, current, from, (_command?.Name == "merge" ? ConflictPolicies.Merging : ConflictPolicies.All).Select(static policy => policy.Name)),
        "RUN" => Choose(setting, current, from, Runs()),
        "" => Choose(setting, current, from, OnOff),
        _ when char.IsAsciiLetterLower(name[0]) => Choose(setting, current, from, name.Split('|')),
        _ => Choose(setting, current, from, setting is null ? [] : Choice.WordsOf(setting), canExclude: name.StartsWith("[!]", StringComparison.Ordinal)),
    };

    private List<Candidate> Choose(Setting? setting, string current, int from, IEnumerable<string> values, bool canExclude = false)
    {
        var given = setting?.Kind is SettingKind.List ? Given(setting) : [];
        // A word with a dash would be taken for an option, one with an exclamation mark for an exclusion.
        values = values.Where(value => !(value[0] == '-' && from == 0) && !(canExclude && value[0] == '!'));
        values = canExclude && current.AsSpan(from).StartsWith("!") ? values.Select(static value => $"!{value}") : values;
        return Starting(current, values.Except(given, StringComparer.OrdinalIgnoreCase).Select(value =>
        {
            var meaning = $"Word_{setting?.Key}_{value.TrimStart('!')}";
            return new Candidate(current[..from] + value, setting is not null && run.Texts.Has(meaning) ? run.Texts[meaning] : null, from);
        }));
    }

    /// <summary>The runs that the journal has, newest first, by the names of its files: what is in them would take too long to read.</summary>
    private IEnumerable<string> Runs()
    {
        var files = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 };
        return Directory.EnumerateFiles(run.Settings.Folders.Journals, "*.jsonl", files)
            .Select(static file => Path.GetFileNameWithoutExtension(file))
            .Where(static name => RunId.TryParse(name, out _))
            .Distinct()
            .OrderDescending(StringComparer.Ordinal)
            .Take(MaxRuns);
    }

    private static List<Candidate> Starting(string current, IEnumerable<Candidate> candidates) =>
        candidates.Where(candidate => candidate.Text.StartsWith(current, StringComparison.OrdinalIgnoreCase)).ToList();

    /// <summary>The beginning of a text of the help: up to where it goes into details.</summary>
    private string Brief(string key)
    {
        var text = run.Texts[key];
        var end = Array.ConvertAll(Details, detail => text.IndexOf(detail, StringComparison.Ordinal)).Where(static at => at > 0).DefaultIfEmpty(text.Length).Min();
        return text[..end].TrimEnd();
    }

    private static readonly string[] Details = [" (", ". ", "; ", ": ", "\n"];
}
