namespace PlexSync.Cli.Tests;

public sealed class ExitCodeTests
{
    public static TheoryData<PlexErrorKind> Kinds { get; } = new(Enum.GetValues<PlexErrorKind>());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_failure_has_an_exit_code_and_sentences(PlexErrorKind kind)
    {
        Assert.NotNull(ExitCode.Of(kind));
        foreach (var language in new[] { Texts.English, Texts.French })
        {
            var texts = Texts.Of(language);
            Assert.NotEqual("", texts[$"Error_{kind}"]);
            Assert.NotEqual("", texts[$"Remedy_{kind}"]);
        }
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 5, 5)]
    [InlineData(5, 4, 4)]
    [InlineData(4, 6, 6)]
    [InlineData(6, 3, 3)]
    [InlineData(3, 130, 130)]
    [InlineData(1, 5, 5)]
    public void Of_several_codes_the_gravest_counts(int one, int other, int expected)
    {
        Assert.Equal(expected, ExitCode.Worse(one, other));
        Assert.Equal(expected, ExitCode.Worse(other, one));
    }

    [Fact]
    public async Task Something_unexpected_is_one_sentence_and_no_stack_trace()
    {
        await using var household = await Household.StartAsync();
        household.Terminal =
            new Terminal
            {
                IsInput = true,
                IsError = true,
                ReadSecretAsync = static _ => throw new InvalidOperationException("inner words"),
            };

        var result = await household.RunAsync("sync", "--to", "Teen", "--quiet");
        var verbose = await household.RunAsync("sync", "--to", "Teen", "--verbose");

        Assert.Equal((1, 1), (result.ExitCode, verbose.ExitCode));
        Assert.Contains("Something unexpected went wrong (InvalidOperationException).", result.Error, StringComparison.Ordinal);
        Assert.Contains("--verbose", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Contains("inner words", verbose.Error, StringComparison.Ordinal);
        Assert.Contains("   at ", verbose.Error, StringComparison.Ordinal);
    }
}
