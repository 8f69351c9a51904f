using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Parsing;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

/// <summary>What the documents show is what the command line takes, and where their links lead there is something.</summary>
public sealed partial class DocsTests
{
    public static TheoryData<string> Documents { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(static file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>All but the one whose command lines are mistakes.</summary>
    public static TheoryData<string> Guides { get; } =
        [.. Documents.Select(static row => row.Data).Where(static name => name != "docs/errors.md")];

    [Fact]
    public void The_documents_show_commands_settings_and_links() =>
        Assert.All(
            (string[])
            [
                "README.md", "docs/getting-started.md", "docs/troubleshooting.md", "docs/fr/premiers-pas.md", "docs/fr/depannage.md",
            ],
            static document => Assert.True(CommandsIn(document).Count >= 5 && LinksIn(document).Count >= 3, document));

    [Theory]
    [MemberData(nameof(Guides))]
    public void Every_command_line_is_one_that_is_understood(string document) =>
        AssertNone(
            CommandsIn(document).Where(static command => Complain(command) is not null)
                .Select(static command => $"plexsync {command}: {Complain(command)}"));

    [Theory]
    [MemberData(nameof(Guides))]
    public void Every_option_and_variable_exists(string document)
    {
        var settings = CommandCatalog.Instance.Settings;
        var options = settings.Select(static setting => setting.Option).Concat(["--help", "--version"]).ToHashSet();
        // Those of the scripts that install it are not the program's.
        var script = Repository.Read("install.sh");
        var variables = Variables.Of(settings).Concat(VariableNames().Matches(script).Select(static match => match.Value)).ToHashSet();
        if (document == "docs/publish.md")
        {
            options.UnionWith(ScriptOptions().Matches(script).Select(static match => match.Groups[1].Value));
        }

        if (document == "CONTRIBUTING.md")
        {
            variables.UnionWith(Thoroughness.Variables);
        }

        var text = Repository.Read(document);

        AssertNone(Spans().Matches(WithoutFences(text)).Select(static span => span.Groups[1].Value.Split(' ', '=')[0])
            .Where(word => word.StartsWith("--", StringComparison.Ordinal) && !options.Contains(word)));
        AssertNone(VariableNames().Matches(text).Select(static match => match.Value).Where(name => !variables.Contains(name)));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_json_is_json_and_every_configuration_is_accepted(string document)
    {
        foreach (Match fence in Fences().Matches(Repository.Read(document)))
        {
            var (kind, json) = (fence.Groups[2].Value, fence.Groups[3].Value);
            if (!kind.StartsWith("json", StringComparison.Ordinal))
            {
                continue;
            }

            JsonDocument.Parse(json).Dispose();
            if (kind == "json config.json")
            {
                var folder = Directory.CreateTempSubdirectory("plexsync-test-").FullName;
                var file = Path.Combine(folder, "config.json");
                File.WriteAllText(file, json);
                var (given, _, error) = ConfigurationFile.Read(file, CommandCatalog.Instance.Settings);
                Directory.Delete(folder, recursive: true);
                Assert.True(error is null, error?.Key);
                Assert.NotEmpty(given);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_leads_to_a_file_and_a_heading_that_exist(string document) =>
        AssertNone(LinksIn(document).Where(link => !Exists(document, link)));

    private static void AssertNone(IEnumerable<string> complaints)
    {
        var all = string.Join('\n', complaints.Distinct());
        Assert.True(all.Length == 0, all);
    }

    private static bool Exists(string document, string link)
    {
        var parts = link.Split('#');
        var target = parts[0].Length == 0 ? document
            : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, parts[0]));
        var path = Path.Combine(Repository.Root, target);
        return parts.Length == 1 ? File.Exists(path) || Directory.Exists(path) : File.Exists(path)
            && Headings().Matches(WithoutFences(Repository.Read(target))).Any(match => Anchor(match.Groups[1].Value) == parts[1]);
    }

    /// <summary>How GitHub turns a heading into an anchor: letters, digits, "-" and "_", in small letters; spaces become "-".</summary>
    private static string Anchor(string heading) => string.Concat(heading.Trim().ToLowerInvariant()
        .Where(static letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')
            .Select(static letter => letter == ' ' ? '-' : letter));

    private static List<string> LinksIn(string document) =>
        Links().Matches(Spans().Replace(WithoutFences(Repository.Read(document)), "code")).Select(static match => match.Groups[1].Value)
            .Where(static link => !link.Contains("://", StringComparison.Ordinal)).ToList();

    /// <summary>The command lines in blocks and in running text. One that leaves something out ("…") is none.</summary>
    private static List<string> CommandsIn(string document)
    {
        var text = Repository.Read(document);
        var lines = Fences().Matches(text).Where(static fence => fence.Groups[2].Value is "" or "ini" or "yaml" or "sh")
            .SelectMany(static fence => fence.Groups[3].Value.Split('\n'));
        return lines.Where(static line => !line.TrimStart().StartsWith("dotnet ", StringComparison.Ordinal))
            .Concat(Spans().Matches(WithoutFences(text)).Select(static span => span.Groups[1].Value))
            .Select(static line => Command().Match(line))
            .Where(static match => match.Success && !match.Groups[1].Value.Contains('…', StringComparison.Ordinal))
            .Select(static match => match.Groups[1].Value.Trim())
            .ToList();
    }

    /// <summary>What is wrong with a command line; null if nothing is.</summary>
    private static string? Complain(string command)
    {
        var line = CommandLine.Parse(Words(command));
        return line.Error is { } error ? IsMention(command, error) ? null : Texts.Of("en").Format(error.Key, error.Arguments)
            : line.Command is null && !line.IsHelp && !line.IsVersion ? "no command" : null;
    }

    // "plexsync explain", in running text, is the name of a command, and not how to call it.
    private static bool IsMention(string command, CliException error) =>
        error.Key == "Argument_Missing" && !command.Contains(' ', StringComparison.Ordinal);

    /// <summary>As a shell takes a line apart, up to a comment or to where the output goes; in a table, a bar is escaped.</summary>
    private static List<string> Words(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isQuoted = false;
        foreach (var letter in $"{command} ")
        {
            if (letter == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (letter != ' ' || isQuoted)
            {
                word.Append(letter);
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return words.TakeWhile(static word => word is not ("#" or ">" or "|" or @"\|")).ToList();
    }

    private static string WithoutFences(string text) => Fences().Replace(text, "");

    /// <summary>The options in the usage at the top of a script.</summary>
    [GeneratedRegex("^#   (--[a-z]+) ", RegexOptions.Multiline)]
    private static partial Regex ScriptOptions();

    [GeneratedRegex("^( *)```(.*)\n((?:.*\n)*?)\\1```$", RegexOptions.Multiline)]
    private static partial Regex Fences();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Spans();

    // Alone, behind the path of a program, or as the image of a container; not where it is the name of a user or of a container.
    [GeneratedRegex(@"(?:^|[\s/=])(?<!(?:-Hu|--name|exec)\s)plexsync(?:\.exe|:[0-9.]+)?\s+((?![=:|])\S.*)$")]
    private static partial Regex Command();

    [GeneratedRegex(@"PLEXSYNC_[A-Z_]*[A-Z]\b(?!…)")]
    private static partial Regex VariableNames();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Headings();
}
