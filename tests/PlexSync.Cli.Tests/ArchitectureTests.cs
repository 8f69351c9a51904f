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

    /// <summary>The root belongs to all.</summary>
    private static List<CodeArrow> FindArrows() =>
        CodeArrows.Find(Code, static path => path.Contains('/', StringComparison.Ordinal) ? path.Split('/')[0] : null);

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w+)`")]
    private static partial Regex Functions();
}
