using PlexSync.Tests;

namespace PlexSync.Core.Tests;

/// <summary>Lines end where <c>.editorconfig</c> says, but for references to members, which cannot be broken.</summary>
public sealed class LineLengthTests
{
    private const int Longest = 140;

    [Fact]
    public void No_line_of_the_library_is_too_long()
    {
        var root = Path.Combine(Repository.Root, "src", "PlexSync.Core");
        var files = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(path => Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"));

        Assert.All(
            files.SelectMany(static file => File.ReadLines(file).Select((line, at) => (Text: line, Place: $"{Path.GetFileName(file)}:{at + 1}"))),
            static line => Assert.True(line.Text.Length <= Longest || line.Text.Contains("cref=\"", StringComparison.Ordinal), line.Place));
    }
}
