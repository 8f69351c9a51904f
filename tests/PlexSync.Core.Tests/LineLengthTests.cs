using PlexSync.Tests;

namespace PlexSync.Core.Tests;

/// <summary>Lines end where <c>.editorconfig</c> says, but for references to members, which cannot be broken.</summary>
public sealed class LineLengthTests
{
    private const int Longest = 140;

    [Fact]
    public void No_line_of_the_library_is_too_long()
    {
        const string Folder = "src/PlexSync.Core";
        var lines = Repository.FindCode(Folder).SelectMany(static file =>
            Repository.Read($"{Folder}/{file}").Split('\n').Select((line, at) => (Text: line, Place: $"{file}:{at + 1}")));

        Assert.All(
            lines,
            static line => Assert.True(line.Text.Length <= Longest || line.Text.Contains("cref=\"", StringComparison.Ordinal), line.Place));
    }
}
