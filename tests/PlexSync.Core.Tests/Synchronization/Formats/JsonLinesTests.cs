using System.Text;
using System.Text.Json;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>Lines come back whole, however long; what has no end is told apart from what has.</summary>
public sealed class JsonLinesTests
{
    private const int Longest = 100_000;

    [Theory]
    [InlineData("", false)]
    [InlineData("{", true)]
    public async Task Lines_of_every_length_are_read_and_a_torn_one_is_told(string tail, bool isTorn)
    {
        int[] lengths = [1, 0, 20_000, 16 * 1024, Longest, 3];
        var text = string.Concat(lengths.Select(static length => new string('x', length) + "\n")) + tail;
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var lines = new JsonLineReader(input, Longest);
        var read = new List<int>();

        while (await lines.ReadAsync(TestContext.Current.CancellationToken) is { } line)
        {
            read.Add(line.Length);
        }

        Assert.Equal(lengths, read);
        Assert.Equal(isTorn, lines.IsTorn);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("")]
    public async Task Line_that_is_too_long_is_refused(string end)
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(new string('x', Longest + 1) + end));
        var lines = new JsonLineReader(input, Longest);

        await Assert.ThrowsAsync<JsonException>(async () => await lines.ReadAsync(TestContext.Current.CancellationToken));
    }
}
