using System.Reflection;
using System.Text.RegularExpressions;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

/// <summary>Which folder of the command line may not use which: what writes and what is configured knows no command.</summary>
public sealed partial class ArchitectureTests
{
    private const string Code = "src/PlexSync.Cli";

    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<string, string[]> Forbidden = new()
    {
        ["Configuration"] = ["Commands", "Completion"],
        ["Output"] = ["Commands", "Completion"],
        ["Parsing"] = ["Completion", "Output"],
        ["Completion"] = [],
        ["Commands"] = [],
    };

    [Fact]
    public void Folders_do_not_use_what_they_may_not() =>
        Assert.Empty(FindArrows().Where(static arrow => Forbidden[arrow.From].Contains(arrow.To))
            .Select(static arrow => $"{arrow.From} -> {arrow.To}: {arrow.Use}"));

    [Fact]
    public void Table_names_every_folder() => Assert.Equal(Forbidden.Keys.Order(), FindArrows().Select(static arrow => arrow.From)
        .Distinct().Order());

    [Fact]
    public void Page_names_the_folders_and_what_there_is_in_them()
    {
        var page = Repository.Read("docs/architecture.md");
        var section = page[page.IndexOf("## The command line", StringComparison.Ordinal)..];
        var types = typeof(App).Assembly.GetTypes().ToLookup(static type => type.Name);

        Assert.All(Forbidden.Keys, folder => Assert.Contains($"| `{folder}/` |", section, StringComparison.Ordinal));
        Assert.All(
            Functions().Matches(section).Select(static match => (Type: match.Groups[1].Value, Member: match.Groups[2].Value)),
            step => Assert.True(types[step.Type].Any(type => type.GetMember(step.Member, All).Length > 0), $"{step}"));
    }

    /// <summary>Finds the uses of types of one folder in the code of another, by name; the root belongs to all.</summary>
    private static List<Arrow> FindArrows()
    {
        var code = Repository.FindCode(Code).Where(static path => path.Contains('/', StringComparison.Ordinal))
            .Select(static path => (Path: path, Folder: path.Split('/')[0], Text: Noise().Replace(Repository.Read($"{Code}/{path}"), "")))
            .ToList();
        var homes = code.SelectMany(
            static file => Declarations().Matches(file.Text), static (file, type) => (Name: type.Groups[1].Value, file.Folder))
            .ToLookup(static type => type.Name, static type => type.Folder);
        return
        [
            .. code.SelectMany(file => Names().Matches(file.Text).Select(static name => name.Value).Distinct()
                .SelectMany(name => homes[name].Where(home => home != file.Folder), (name, home) =>
                    new Arrow(file.Folder, home, $"{file.Path} uses {name}"))),
        ];
    }

    /// <summary>Comments and texts.</summary>
    [GeneratedRegex("""//[^\n]*|\"\"\"(?s:.*?)\"\"\"|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])*'""")]
    private static partial Regex Noise();

    /// <summary>Types that are not within others.</summary>
    [GeneratedRegex(@"^(?:public|internal)[\w ]* (?:class|struct|record struct|record|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declarations();

    /// <summary>What is no member of something else.</summary>
    [GeneratedRegex(@"(?<![.\w])[A-Z]\w+")]
    private static partial Regex Names();

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w+)`")]
    private static partial Regex Functions();

    private sealed record Arrow(string From, string To, string Use);
}
