using PlexSync.Tests;

namespace PlexSync.Core.Tests;

/// <summary>Lines end where <c>.editorconfig</c> says, but for references to members, which cannot be broken.</summary>
public sealed class LineLengthTests
{
    private const int Longest = 140;

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("samples")]
    [InlineData("benchmarks")]
    public void No_line_of_code_is_too_long(string folder)
    {
        var lines = Repository.FindCode(folder).SelectMany(file =>
            Repository.Read($"{folder}/{file}").Split('\n').Select((line, at) => (Text: line, Place: $"{file}:{at + 1}")));

        Assert.All(
            lines,
            static line => Assert.True(line.Text.Length <= Longest || line.Text.Contains("cref=\"", StringComparison.Ordinal), line.Place));
    }
}
