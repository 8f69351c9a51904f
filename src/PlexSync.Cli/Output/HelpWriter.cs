using System.Text;
using PlexSync.Cli.Commands;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Output;

/// <summary>The help texts, laid out for 80 columns.</summary>
internal sealed class HelpWriter(Texts texts)
{
    private const int Width = 80;
    private const int Column = 26;

    private readonly StringBuilder _help = new();

    /// <param name="command">The command; null for the whole.</param>
    public string Write(CommandDefinition? command)
    {
        if (command is null)
        {
            Paragraph(texts["Help_About"]);
            Section("Help_Usage");
            _help.Append("  plexsync ").Append(texts["Help_Synopsis"]).Append('\n');
            Section("Help_Commands");
            foreach (var definition in CommandLine.Definitions)
            {
                Row(definition.Name, texts[$"Help_{definition.Name}_Brief"]);
            }

            Section("Help_CommonOptions");
            WriteCommonOptions();
            Section("Help_Environment");
            Row(Credentials.TokenVariable, texts["Help_Token"]);
            Row(Pins.Variable, texts["Help_Pins"]);
            Row(Folders.HomeVariable, texts["Help_Home"]);
            Row("PLEXSYNC_…", texts["Help_Variables"]);
            Section("Help_ExitCodes");
            Paragraph(texts["Help_Codes"], indent: 2);
            Section("Help_Examples");
            Verbatim(texts["Help_Overview_Examples"]);
        }
        else
        {
            Paragraph(texts[$"Help_{command.Name}_About"]);
            Section("Help_Usage");
            Paragraph($"plexsync {command.Name} {Synopsis(command)}", indent: 2, hanging: 11 + command.Name.Length + 1);
            Section("Help_Options");
            WriteOptions(command.Settings, command.Name);
            Section("Help_CommonOptions");
            WriteCommonOptions();
            Section("Help_Examples");
            Verbatim(texts[$"Help_{command.Name}_Examples"]);
        }

        return _help.ToString();
    }

    private static string Synopsis(CommandDefinition command)
    {
        var argument = command.ArgumentName is null ? [] : new[] { command.NeedsArgument ? command.ArgumentName : $"[{command.ArgumentName}]" };
        return string.Join(' ', argument.Concat(command.Settings.Select(setting => setting.Kind switch
        {
            SettingKind.Flag => $"[{setting.Option}]",
            SettingKind.Value => setting == Setting.Output
                ? $"{setting.Alias ?? setting.Option} {setting.ValueName}"
                : $"[{setting.Option} {setting.ValueName}]",
            _ => setting == Setting.To ? $"{setting.Option} {setting.ValueName}…"
                : setting == Setting.User ? $"{setting.Option} {setting.ValueName}{(command.Name == "merge" ? "…" : "")}"
                : $"[{setting.Option} {setting.ValueName}]…",
        })).Append("[…]"));
    }

    private void WriteCommonOptions()
    {
        WriteOptions(Setting.Common);
        Row("--help", texts["Option_help"]);
        Row("--version", texts["Option_version"]);
    }

    private void WriteOptions(IEnumerable<Setting> settings, string? command = null)
    {
        foreach (var setting in settings)
        {
            var special = $"Option_{command}_{setting.Key}";
            Row($"{(setting.Alias is { } alias ? $"{alias}, " : "")}{setting.Option} {setting.ValueName}", texts[command is not null && texts.Has(special) ? special : $"Option_{setting.Key}"]);
        }
    }

    private void Section(string key) => _help.Append('\n').Append(texts[key]).Append('\n');

    private void Verbatim(string lines)
    {
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            _help.Append("  ").Append(line).Append('\n');
        }
    }

    private void Row(string name, string text)
    {
        _help.Append("  ").Append(name.TrimEnd().PadRight(Column - 3)).Append(' ');
        Wrap(text, Column, Column);
    }

    private void Paragraph(string text, int indent = 0, int? hanging = null)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            _help.Append(' ', indent);
            Wrap(line, indent, hanging ?? indent);
        }
    }

    private void Wrap(string text, int at, int hanging)
    {
        // Only the plain space: a no-break space is there to hold two words together.
        var isFirst = true;
        foreach (var word in text.Split(' '))
        {
            if (!isFirst)
            {
                if (at + 1 + word.Length > Width)
                {
                    _help.Append('\n').Append(' ', hanging);
                    at = hanging;
                }
                else
                {
                    _help.Append(' ');
                    at++;
                }
            }

            _help.Append(word);
            at += word.Length;
            isFirst = false;
        }

        _help.Append('\n');
    }
}
