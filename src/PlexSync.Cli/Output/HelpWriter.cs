using System.Text;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Output;

/// <summary>The help texts, laid out for 80 columns, or for a terminal that has fewer.</summary>
internal sealed class HelpWriter(Texts texts, int width, bool isBold)
{
    private const int MaxWidth = 80;
    private const int MinWidth = 40;

    /// <summary>Below this, what an option means stands under it.</summary>
    private const int MinWidthOfTwoColumns = 60;

    /// <summary>More options than can be taken in at once.</summary>
    private const int ManyOptions = 8;

    private static readonly OptionGroup[] Groups =
    [
        new(
            "Help_Who",
            [
                "from", "to", "to-all", "except", "user", "tautulli-user", "key-file", "to-server", "to-token-file", "job", "all-jobs",
            ]),
        new("Help_What", ["library", "type", "show", "label", "collection", "since", "only", "ratings", "positions"]),
        new("Help_How", ["policy", "quorum", "two-way", "unwatched", "retry-unkept", "match", "quick", "poll", "every"]),
        new("Help_Safety", ["dry-run", "max-removals", "burst", "allow-loops", "yes"]),
    ];

    /// <summary>What whoever reads the help of the first may look for in the others, and the other way round.</summary>
    private static readonly string[] Related =
    [
        "setup login doctor sync",
        "sync plan merge explain undo users",
        "watch sync status runs undo",
        "status watch doctor",
        "plan apply explain",
        "undo runs apply merge restore snapshot",
        "snapshot restore users",
        "import restore undo users",
        "users libraries servers login logout",
        "doctor login servers",
        "completion users libraries servers",
    ];

    private readonly int _column = width < MinWidthOfTwoColumns ? 6 : 26;
    private readonly StringBuilder _help = new();

    public static HelpWriter Of(CommandContext context)
    {
        var terminal = context.Console.Terminal;
        return new(context.Texts, terminal.IsOutput ? Math.Clamp(terminal.Width, MinWidth, MaxWidth) : MaxWidth, context.Screen.HasColor);
    }

    /// <param name="command">The command; null for the whole.</param>
    public string Write(CommandDefinition? command)
    {
        if (command is null)
        {
            WriteOverview();
        }
        else
        {
            Write(command, texts[$"Help_{command.Name}_Brief"]);
        }

        return _help.ToString();
    }

    private void WriteOverview()
    {
        Paragraphs(texts["Help_About"]);
        Section("Help_Usage");
        Paragraphs($"plexsync {texts["Help_Synopsis"]}", indent: 2);
        Section("Help_Commands");
        foreach (var definition in CommandCatalog.Instance.Commands)
        {
            Row(definition.Name, texts[$"Help_{definition.Name}_Brief"]);
        }

        Section("Help_CommonOptions");
        WriteCommonOptions();
        Section("Help_Environment");
        Row(Credentials.TokenVariable, texts["Help_Token"]);
        Row(Pins.Variable, texts["Help_Pins"]);
        Row(NotifyHook.Variable, texts["Help_Notify"]);
        Row(TautulliKey.Variable, texts["Help_TautulliKey"]);
        Row(Folders.HomeVariable, texts["Help_Home"]);
        Row("PLEXSYNC_…", texts["Help_Variables"]);
        Section("Help_Files");
        Row(
            OperatingSystem.IsWindows() ? @"%APPDATA%\plexsync\config.json" : "$XDG_CONFIG_HOME/plexsync/config.json",
            texts["Help_ConfigFile"]);
        Row($"${Folders.HomeVariable}", texts["Help_StateFolder"]);
        Section("Help_ExitCodes");
        foreach (var line in texts["Help_Codes"].Split('\n'))
        {
            var end = line.IndexOf(' ', StringComparison.Ordinal);
            Row(line[..end], line[(end + 1)..]);
        }

        Section("Help_Examples");
        Examples(texts["Help_Overview_Examples"]);
        Section("Help_SeeAlso");
        Paragraphs(texts["Help_More"], indent: 2);
    }

    private void Write(CommandDefinition command, string brief)
    {
        Paragraphs($"plexsync {command.Name} – {brief}");
        _help.Append('\n');
        Paragraphs(texts[$"Help_{command.Name}_About"]);
        Section("Help_Usage");
        Paragraphs($"plexsync {command.Name} {Synopsis(command)}", indent: 2, hanging: 4);
        OptionsOf(command);
        Section("Help_CommonOptions");
        WriteCommonOptions();
        _help.Append('\n');
        Paragraphs(texts["Help_AlsoSet"], indent: 2);
        Section("Help_Examples");
        Examples(texts[$"Help_{command.Name}_Examples"]);
        Section("Help_SeeAlso");
        var related = new StringBuilder();
        foreach (var other in CommandCatalog.Instance.Commands)
        {
            _ = IsRelated(command.Name, other.Name) ? related.Append("plexsync\u00A0").Append(other.Name).Append(", ") : related;
        }

        var start = _help.Length;
        Paragraphs(related.Append("plexsync\u00A0--help").ToString(), indent: 2);
        // Held together in their line; but whoever copies them needs a plain space.
        _help.Replace('\u00A0', ' ', start, _help.Length - start);
    }

    private static bool IsRelated(string one, string other) =>
        Array.Exists(
            Related,
            line => line.Split(' ') is [var first, ..] words
                && ((first == one && Array.IndexOf(words, other) > 0) || (first == other && Array.IndexOf(words, one) > 0)));

    /// <summary>What the command cannot do without; everything else is under its options.</summary>
    private string Synopsis(CommandDefinition command)
    {
        List<string> words = [.. command.ArgumentNames.Select(texts.ValueName)
            .Select(argument => command.NeedsArguments ? argument : $"[{argument}]")];
        foreach (var setting in command.Settings)
        {
            var option = $"{setting.Option} {NameOf(setting)}";
            if (setting.Name == "to" && command.Name != "setup")
            {
                words.Add(command.Name == "explain" ? option : $"{option}…");
            }
            else if (setting.Name == "user")
            {
                words.Add(command.Name == "merge" ? $"{option} {option}…" : option);
            }
            else if (setting.Name == "output")
            {
                words.Add($"{setting.Alias} {NameOf(setting)}");
            }
        }

        return string.Join(' ', words.Append("[OPTIONS]"));
    }

    private string NameOf(Setting setting) => setting.ValueName is { } name ? texts.ValueName(name) : "";

    private void OptionsOf(CommandDefinition command)
    {
        var rest = command.Settings;
        if (rest.Count > ManyOptions)
        {
            foreach (var group in Groups)
            {
                OptionsOf(group.Title, command.Settings.Where(setting => group.Options.Contains(setting.Name)), command.Name);
            }

            rest = rest.Where(static setting => !Array.Exists(Groups, group => group.Options.Contains(setting.Name))).ToList();
        }

        OptionsOf(rest.Count < command.Settings.Count ? "Help_Others" : "Help_Options", rest, command.Name);
    }

    private void OptionsOf(string title, IEnumerable<Setting> settings, string command)
    {
        if (settings.Any())
        {
            Section(title);
            Rows(settings, command);
        }
    }

    private void WriteCommonOptions()
    {
        Rows(CommandCatalog.Instance.Common, command: null);
        Row("-h, --help", texts["Option_help"]);
        Row("--version", texts["Option_version"]);
    }

    private void Rows(IEnumerable<Setting> settings, string? command)
    {
        foreach (var setting in settings)
        {
            var alias = setting.Alias is { } letter ? $"{letter}, " : "";
            Row($"{alias}{setting.Option} {NameOf(setting)}", texts[KeyOf(setting, command, texts)]);
        }
    }

    /// <summary>The text of an option, which some commands have one of their own for.</summary>
    public static string KeyOf(Setting setting, string? command, Texts texts)
    {
        var special = $"Option_{command}_{setting.Key}";
        return command is not null && texts.Has(special) ? special : $"Option_{setting.Key}";
    }

    private void Section(string key) => _help.Append('\n').Append(Paint.Bold(texts[key], isBold)).Append('\n');

    /// <summary>Command lines, and before each what it does, as a comment: both can be copied together.</summary>
    private void Examples(string lines)
    {
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var isComment = line[0] == '#';
            _help.Append("  ");
            Wrap(line, at: 2, isComment ? "  # " : "      ", isComment ? "" : " \\");
        }
    }

    private void Row(string name, string text)
    {
        name = name.TrimEnd();
        _help.Append("  ").Append(name);
        // What does not fit beside it begins below it.
        _ = name.Length + 3 < _column ? _help.Append(' ', _column - name.Length - 2) : _help.Append('\n').Append(' ', _column);
        Wrap(text, _column, new string(' ', _column));
    }

    private void Paragraphs(string text, int indent = 0, int? hanging = null)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            _help.Append(' ', indent);
            Wrap(line, indent, new string(' ', hanging ?? indent));
        }
    }

    /// <summary>Goes on where the line is; at its end, begins the next one with <paramref name="hanging"/>.</summary>
    private void Wrap(string text, int at, string hanging, string continuation = "")
    {
        // Only the plain space: a no-break space is there to hold two words together.
        var words = text.Split(' ');
        for (var index = 0; index < words.Length; index++)
        {
            var word = words[index];
            var needed = word.Length + (index < words.Length - 1 ? continuation.Length : 0);
            if (index > 0 && at + 1 + needed > width)
            {
                _help.Append(continuation).Append('\n').Append(hanging);
                at = hanging.Length;
            }
            else if (index > 0)
            {
                _help.Append(' ');
                at++;
            }

            _help.Append(word);
            at += word.Length;
        }

        _help.Append('\n');
    }

    private sealed class OptionGroup(string title, IReadOnlyList<string> options)
    {
        public string Title => title;

        public IReadOnlyList<string> Options => options;
    }
}
