using System.Text.RegularExpressions;
using PlexSync.Tests;

namespace PlexSync.Core.Tests;

/// <summary>The C# of the README is the code of the samples, which is compiled.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void First_block_is_the_quick_start() => Assert.Equal(Marked("samples/QuickStart/Program.cs"), Block(0));

    [Fact]
    public void Second_block_is_the_custom_policy() =>
        Assert.EndsWith(Block(1), Repository.Read("samples/CustomPolicy/WatchedOnlyPolicy.cs").Trim(), StringComparison.Ordinal);

    [Fact]
    public void Every_block_is_checked() => Assert.Equal(2, Blocks().Count(Repository.Read("README.md")));

    private static string Block(int at) => Blocks().Matches(Repository.Read("README.md"))[at].Groups[1].Value.Trim();

    private static string Marked(string file) =>
        string.Join("\n\n", Marks().Matches(Repository.Read(file)).Select(match => match.Groups[1].Value.Trim()));

    [GeneratedRegex("^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("^// <readme>\n(.*?)^// </readme>$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Marks();
}
