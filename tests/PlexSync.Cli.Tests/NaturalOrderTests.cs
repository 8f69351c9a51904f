using PlexSync.Cli.Output;

namespace PlexSync.Cli.Tests;

public sealed class NaturalOrderTests
{
    [Theory]
    [InlineData("Movie 2", "Movie 10")]
    [InlineData("Movie 02", "Movie 2")]
    [InlineData("Movie 9 b", "Movie 09 c")]
    [InlineData("Movie", "Movie 2")]
    [InlineData("2001", "a")]
    [InlineData("9", "99999999999999999999999")]
    [InlineData("Élodie", "Emma")]
    [InlineData("ÉTÉ", "Etés")]
    [InlineData("Œuvre", "Pan")]
    [InlineData("alien", "Alien 2")]
    [InlineData("Alien", "alien")]
    [InlineData(null, "")]
    public void Titles_are_sorted_as_people_do(string? first, string? second)
    {
        Assert.True(NaturalOrder.Instance.Compare(first, second) < 0);
        Assert.Equal(
            -Math.Sign(NaturalOrder.Instance.Compare(first, second)), Math.Sign(NaturalOrder.Instance.Compare(second, first)));
        Assert.Equal(0, NaturalOrder.Instance.Compare(second, second));
    }
}
