using System.Text.RegularExpressions;
using PlexSync.Tests;

namespace PlexSync.Core.Tests;

/// <summary>Every section of docs/plex-facts.md that a comment cites exists.</summary>
public sealed partial class PlexFactsTests
{
    private const string Page = "docs/plex-facts.md";

    private static readonly string[] Folders = ["src", "tests", "docs", "samples", "benchmarks"];

    [Fact]
    public void Every_section_that_is_cited_is_in_the_page()
    {
        var page = Repository.Read(Page);
        var sections = Headings().Matches(page).Select(static heading => heading.Groups[1].Value).ToHashSet();

        var citations = Files().Where(static file => file != Page).SelectMany(CitationsIn).ToList();

        Assert.True(citations.Count > 100, $"{citations.Count} citations were found.");
        AssertNone(citations.Where(citation => !sections.Contains(citation.Section))
            .Select(static citation => $"{citation.File}: {citation.Section}"));
    }

    [Fact]
    public void No_section_of_the_page_has_the_number_of_another() =>
        AssertNone(Headings().Matches(Repository.Read(Page)).Select(static heading => heading.Groups[1].Value)
            .GroupBy(static section => section).Where(static same => same.Count() > 1).Select(static same => same.Key));

    [Fact]
    public void No_file_uses_the_former_name_of_the_page() =>
        AssertNone(Files().Where(static file => FormerName().IsMatch(Repository.Read(file))));

    private static IEnumerable<(string File, string Section)> CitationsIn(string file) =>
        from citation in Citations().Matches(Repository.Read(file))
        from section in citation.Groups[1].Captures
        select (file, section.Value);

    private static IEnumerable<string> Files() =>
        from folder in Folders
        from path in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
        let file = Path.GetRelativePath(Repository.Root, path).Replace('\\', '/')
        where Path.GetExtension(file) is ".cs" or ".md" && !file.Split('/').Any(static part => part is "bin" or "obj" or "StrykerOutput")
        select file;

    private static void AssertNone(IEnumerable<string> complaints)
    {
        var all = string.Join('\n', complaints.Distinct());
        Assert.True(all.Length == 0, all);
    }

    /// <summary>One section or several, as in "§3.5, §14.3" and "§3 to §8"; a comment may break the line between any two words.</summary>
    [GeneratedRegex(@"plex-facts(?:(?:,|\s+and|\s+to)?\s+(?:///?\s+)?(§[0-9]+(?:\.[0-9]+)*))+")]
    private static partial Regex Citations();

    /// <summary>A heading, or a fact whose number stands in bold.</summary>
    [GeneratedRegex(@"^(?:#+ |- \*\*)(§[0-9]+(?:\.[0-9]+)*)(?= |\*\*)", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"\b[Ss]hee[t]\b")]
    private static partial Regex FormerName();
}
