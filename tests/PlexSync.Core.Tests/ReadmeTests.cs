using System.Text.RegularExpressions;
using PlexSync.Tests;

namespace PlexSync.Core.Tests;

/// <summary>
/// The C# of the documents is the code of samples and tests, which is compiled, and of which the guide to the library is run.
/// </summary>
public sealed partial class ReadmeTests
{
    /// <summary>Documents, and the tests whose marked parts are their blocks.</summary>
    private static readonly Dictionary<string, string> Guides = new()
    {
        ["docs/embedding.md"] = "tests/PlexSync.EndToEnd.Tests/EmbeddingGuideTests.cs",
        ["docs/library.md"] = "tests/PlexSync.EndToEnd.Tests/LibraryGuideTests.cs",
        ["docs/testing.md"] = "tests/PlexSync.EndToEnd.Tests/TestingGuideTests.cs",
    };

    private const string Policy = "samples/CustomPolicy/WatchedOnlyPolicy.cs";

    [Fact]
    public void First_block_of_the_readme_is_the_quick_start() =>
        Assert.Equal(string.Join("\n\n", Marked("samples/QuickStart/Program.cs", "readme")), Blocks("README.md")[0]);

    [Fact]
    public void Second_block_of_the_readme_is_the_custom_policy() =>
        Assert.EndsWith(Blocks("README.md")[1], Repository.Read(Policy).Trim(), StringComparison.Ordinal);

    public static TheoryData<string> Documents => [.. Guides.Keys];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Blocks_of_a_guide_are_what_its_tests_run(string document)
    {
        var run = Marked(Guides[document], Path.GetFileNameWithoutExtension(document));

        Assert.Equal(
            run.Order(StringComparer.Ordinal),
            Blocks(document).Where(static block => !IsPolicy(block)).Order(StringComparer.Ordinal));
        Assert.Equal(document == "docs/library.md" ? 1 : 0, Blocks(document).Count(IsPolicy));
    }

    [Fact]
    public void Guide_shows_every_public_type()
    {
        var guide = Repository.Read("docs/library.md");

        Assert.All(
            typeof(PlexClient).Assembly.GetExportedTypes().Select(static type => type.Name.Split('`')[0]),
            name => Assert.Matches($@"\b{name}\b", guide));
    }

    [Fact]
    public void Every_block_is_checked()
    {
        var documents = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md"))
            .Select(static file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'));

        Assert.Equal(2, Blocks("README.md").Count);
        Assert.Equal(
            Guides.Keys.Append("README.md").Order(StringComparer.Ordinal),
            documents.Where(static document => Blocks(document).Count > 0).Order(StringComparer.Ordinal));
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
