using System.Reflection;
using System.Text.RegularExpressions;
using PlexSync.Tests;

namespace PlexSync.Core.Tests;

/// <summary>What the page on the architecture names is there.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string Page = Repository.Read("docs/architecture.md");

    /// <summary>Up to where to change what; what is said there of the command line is tested with it.</summary>
    private static readonly string Walk = Page[..Page.IndexOf("## Where to change what", StringComparison.Ordinal)];

    [Fact]
    public void Every_function_of_the_walk_exists()
    {
        var types = typeof(PlexClient).Assembly.GetTypes().ToLookup(static type => type.Name.Split('`')[0]);
        var walk = Functions().Matches(Walk).Select(static match => (Type: match.Groups[1].Value, Member: match.Groups[2].Value)).ToList();

        Assert.True(walk.Count > 20);
        Assert.All(walk, step => Assert.True(types[step.Type].Any(type => Has(type, step.Member)), $"{step}"));
    }

    [Fact]
    public void Every_folder_is_named()
    {
        var folders = Repository.FindCode("src/PlexSync.Core").Select(static path => path.Split('/')).Where(static path => path.Length > 1)
            .Select(static path => path[^2]).Distinct();

        Assert.All(folders, static folder => Assert.Contains($"  {folder}/", Page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_file_to_change_exists() => Assert.All(
        Files().Matches(Page).Select(static match => match.Value),
        static file => Assert.True(
            Array.Exists(
                ["src/PlexSync.Core", "src/PlexSync.Core/Synchronization", "src/PlexSync.Cli", "."],
                folder => File.Exists(Path.Combine(Repository.Root, folder, file))),
            file));

    private static bool Has(Type type, string member) =>
        type.GetMember(member, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static).Length > 0;

    [GeneratedRegex(@"`(\w+)\.(\w+)`(?! on)")]
    private static partial Regex Functions();

    [GeneratedRegex(@"(?<=`)(?:\w+/)+\w[\w.]*\.(?:cs|resx)(?=`)|(?<=`)src/[\w./]+\.resx(?=`)")]
    private static partial Regex Files();
}
