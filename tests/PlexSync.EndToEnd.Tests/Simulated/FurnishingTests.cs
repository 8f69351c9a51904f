using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Simulated;

/// <summary>A household that was set up wrongly says so, rather than let a test pass for nothing.</summary>
public sealed class FurnishingTests
{
    [Fact]
    public void Label_and_collection_of_what_is_not_there_are_refused()
    {
        var server = new World().Server;
        var movies = server.AddMovieLibrary("Movies");
        var arrival = movies.AddMovie("Arrival", 2016);
        var dark = server.AddShowLibrary("TV Shows").AddShow("Dark", 1, 2)[0];

        Assert.Throws<KeyNotFoundException>(() => server.SetLabel(arrival.RatingKey, "Kids"));
        Assert.Throws<KeyNotFoundException>(() => movies.AddCollection("Space", "99"));
        Assert.Throws<KeyNotFoundException>(() => movies.AddCollection("Space", dark.RatingKey));
        Assert.Empty(movies.Collections);
    }

    [Fact]
    public async Task Address_of_a_Tautulli_that_is_not_there_says_how_to_have_one()
    {
        await using var plex = await PlexSimulator.StartAsync(static _ => { }, cancellationToken: TestContext.Current.CancellationToken);

        var error = Assert.Throws<InvalidOperationException>(() => plex.TautulliUrl);

        Assert.Contains("set World.Tautulli", error.Message, StringComparison.Ordinal);
    }
}
