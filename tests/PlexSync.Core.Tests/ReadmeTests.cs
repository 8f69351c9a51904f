using System.Text.RegularExpressions;
using PlexSync.Tests;

namespace PlexSync.Core.Tests;

/// <summary>
/// The C# of the documents is the code of samples and tests, which is compiled, and of which the guide to the library is run.
/// </summary>
public sealed partial class ReadmeTests
{
    private const string Policy = "samples/CustomPolicy/WatchedOnlyPolicy.cs";

    [Fact]
    public void First_block_of_the_readme_is_the_quick_start() =>
        Assert.Equal(string.Join("\n\n", Marked("samples/QuickStart/Program.cs", "readme")), Blocks("README.md")[0]);

    [Fact]
    public void Second_block_of_the_readme_is_the_custom_policy() =>
        Assert.EndsWith(Blocks("README.md")[1], Repository.Read(Policy).Trim(), StringComparison.Ordinal);

    [Fact]
    public void Blocks_of_the_guide_are_what_its_tests_run()
    {
        var shown = Blocks("docs/library.md");
        var run = Marked("tests/PlexSync.EndToEnd.Tests/LibraryGuideTests.cs", "library");

        Assert.Equal(run.Order(StringComparer.Ordinal), shown.Where(static block => !IsPolicy(block)).Order(StringComparer.Ordinal));
        Assert.Single(shown, IsPolicy);
    }

    [Fact]
    public void Guide_shows_every_public_type()
    {
        var guide = Repository.Read("docs/library.md");

        Assert.Empty(typeof(PlexClient).Assembly.GetExportedTypes().Select(static type => type.Name.Split('`')[0])
            .Where(name => !Regex.IsMatch(guide, $@"\b{name}\b")));
    }

    [Fact]
    public void Every_block_is_checked()
    {
        var documents = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md"))
            .Select(static file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'));

        Assert.Equal(2, Blocks("README.md").Count);
        Assert.Equal(
            ["README.md", "docs/library.md"], documents.Where(static document => Blocks(document).Count > 0).Order(StringComparer.Ordinal));
    }

    private static bool IsPolicy(string block) => Repository.Read(Policy).Trim().EndsWith(block, StringComparison.Ordinal);

    private static List<string> Blocks(string document) =>
        Fences().Matches(Repository.Read(document)).Select(static match => match.Groups[1].Value.Trim()).ToList();

    /// <summary>The parts of a file between marks, moved to the left margin.</summary>
    private static List<string> Marked(string file, string mark) =>
        Marks().Matches(Repository.Read(file)).Where(match => match.Groups[2].Value == mark)
            .Select(static match => Regex.Replace(match.Groups[3].Value, $"^{match.Groups[1].Value}", "", RegexOptions.Multiline).Trim())
                .ToList();

    [GeneratedRegex("^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex("^( *)// <([a-z]+)>\n(.*?)^\\1// </\\2>$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Marks();
}
